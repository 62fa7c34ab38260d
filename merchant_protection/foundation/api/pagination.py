"""Pages of the API: by cursor, so that the thousandth costs what the first does."""

from rest_framework.pagination import CursorPagination


class Cursor(CursorPagination):
    """Newest first unless the view says otherwise; `limit` up to 200."""

    page_size = 50
    max_page_size = 200
    page_size_query_param = "limit"
    ordering = "-id"
