"""The command `kerascope`: one module per subcommand."""
