"""The HTTP server of `kerascope ui`: the JSON and binary API of `docs/http_api.md`, live changes and the dashboard's files."""
