"""What the fork server of ZenML servers imports: the application."""
import sqlalchemy.orm
import uvicorn.main
import zenml.zen_server.utils
import zenml.zen_server.zen_server_api

# What a server computes before its first query, the same in each.
sqlalchemy.orm.configure_mappers()


def in_new_process():
    """Each server makes secrets of its own when it first asks for its settings."""
    zenml.zen_server.utils._server_config = None
