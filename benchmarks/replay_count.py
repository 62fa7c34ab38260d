"""The portal's rows after a replay, counted by pandas against what happened in the market and what was answered."""

from datetime import datetime, timedelta
from typing import Any

import pandas as pd
from django.db import connection

from benchmarks.replay import LATE, Replay

WINDOW = timedelta(days=30)  # to file, of the kinds that a replay files
LONGEST_RUN = timedelta(hours=2)


def differences(replay: Replay, *, at: datetime) -> list[str]:
    """Return what the portal's rows and the market's account disagree on; nothing when not a thing was lost."""
    market, shops = replay.market, list(replay.keys)
    events = table("SELECT status FROM marketplace_inboxevent WHERE event_id LIKE %s", f"evt-{market.tag}-%")
    orders = table(
        "SELECT m.code AS shop, o.status FROM marketplace_order o JOIN accounts_merchant m ON m.id = o.merchant_id "
        "WHERE m.code = ANY(%s)", shops,
    )  # fmt: skip
    cases = table(
        "SELECT m.code AS shop, a.kind, a.status FROM marketplace_aftersale a "
        "JOIN accounts_merchant m ON m.id = a.merchant_id WHERE m.code = ANY(%s)", shops,
    )  # fmt: skip
    answers = pd.DataFrame(replay.filed)
    answers["status"] = answers["status"].replace(LATE, "DRAFT")
    closes = answers.counted_from + WINDOW
    clear = answers[(closes < at) | (closes > at + LONGEST_RUN)]  # of the others the time ran out meanwhile, or not
    listed = pd.DataFrame([{"shop": code, **each} for code, rows in replay.listed().items() for each in rows])
    return [
        *_unlike("events", events.status.value_counts(), pd.Series({"DECIDED": sum(replay.told.values())})),
        *_unlike("answers to events", pd.Series(replay.told), pd.Series({"accepted": len(events)})),
        *_unlike("orders", orders.value_counts(), _sizes(market.orders.values(), "status")),
        *_unlike("after-sales", cases.value_counts(), _sizes(market.after_sales.values(), "kind", "status")),
        *_of_complaints(answers, listed, shops),
        *_unlike(
            "too late",
            pd.Series({"drafts": (clear.status == "DRAFT").sum()}),
            pd.Series({"drafts": (clear.counted_from + WINDOW < at).sum()}),
        ),
    ]


def _of_complaints(answers: pd.DataFrame, listed: pd.DataFrame, shops: list[str]) -> list[str]:
    """Each answer stands as one complaint, in the rows and in the lists; what was handed in has queue and clocks."""
    rows = table(
        "SELECT m.code AS shop, c.id, c.order_number, c.kind_code AS kind, c.status, c.source, c.queue_id, "
        "(SELECT count(*) FROM claims_claimmove v WHERE v.claim_id = c.id AND v.move = 'submit') AS handed_in, "
        "(SELECT count(*) FROM claims_clock k WHERE k.claim_id = c.id) AS clocks "
        "FROM claims_claim c JOIN accounts_merchant m ON m.id = c.merchant_id WHERE m.code = ANY(%s)", shops,
    )  # fmt: skip
    ours = rows[rows.id.isin(answers.claim)]
    handed_in = ours[ours.status != "DRAFT"]
    keys = ["shop", "kind", "status"]
    told = answers.rename(columns={"merchant": "shop"})
    of_lists = listed[listed.id.isin(answers.claim)]
    faults = {
        "the same order and kind twice": int(rows.duplicated(["shop", "order_number", "kind"]).sum()),
        "two answers of one complaint": int(answers.claim.duplicated().sum()),
        "handed in without a queue": int(handed_in.queue_id.isna().sum()),
        "handed in without clocks": int((handed_in.clocks == 0).sum()),
        "not handed in exactly once": int((handed_in.handed_in != 1).sum()),
    }
    return [
        *(f"{what}: {count}" for what, count in faults.items() if count),
        *_unlike("complaints", ours[keys].value_counts(), told[keys].value_counts()),
        *_unlike("complaints listed", of_lists[keys].value_counts(), told[keys].value_counts()),
    ]


def _sizes(things: Any, *names: str) -> Any:
    frame = pd.DataFrame([{"shop": each.merchant, **{name: getattr(each, name) for name in names}} for each in things])
    return frame.value_counts()


def _unlike(what: str, found: Any, wanted: Any) -> list[str]:
    one, other = ({key: int(count) for key, count in each.items() if count} for each in (found, wanted))
    return [] if one == other else [f"{what}: {one} in the portal, {other} told"]


def table(sql: str, *given: Any) -> pd.DataFrame:
    """Return rows of the portal's database with their column names."""
    with connection.cursor() as cursor:
        cursor.execute(sql, given)
        return pd.DataFrame(cursor.fetchall(), columns=[column.name for column in cursor.description])
