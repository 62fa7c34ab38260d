"""Several people of the desk do something at the same moment."""

import threading
from collections.abc import Callable, Sequence

from django.db import connection

from merchant_protection.foundation import tenancy


def at_once(works: Sequence[Callable[[], object]]) -> list[object]:
    """Return what each came to, or the error it met."""
    results: list[object] = [None] * len(works)
    gate = threading.Barrier(len(works))

    def run(place: int) -> None:
        with tenancy.platform():
            try:
                gate.wait()
                results[place] = works[place]()
            except Exception as error:
                results[place] = error
            finally:
                connection.close()

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(works))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results
