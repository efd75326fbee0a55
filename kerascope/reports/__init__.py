"""Reports and runs as single HTML files that open without a server and without network.

`panels.py` reads which charts a report asks for, `page.py` gathers their data and writes the page. What draws is the dashboard's own
code, built apart (`web/vite.page.config.ts`). Not for: the live pages of the dashboard.
"""
