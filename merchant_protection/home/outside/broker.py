"""Whether the broker answers; without it nobody is woken up, but nothing is lost."""

import redis

PATIENCE = 1.0


def answers(url: str) -> bool:
    """Say whether Redis answers within a second."""
    try:
        with redis.Redis.from_url(url, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE) as client:
            return bool(client.ping())
    except redis.RedisError:
        return False
