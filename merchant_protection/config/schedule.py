"""When each sweep wakes up, reviewed like code. Minutes, not intervals: intervals restart with every restart."""

from celery.schedules import crontab

EVERY_MINUTE = crontab()

EVERY_FIVE_MINUTES = crontab(minute="*/5")

EVERY_HOUR = crontab(minute=17)

type Schedule = dict[str, dict[str, object]]

HOUSE: Schedule = {
    "catch up with received events": {
        "task": "merchant_protection.marketplace.tasks.catch_up",
        "schedule": EVERY_MINUTE,
    },
    "tie after-sales to orders": {
        "task": "merchant_protection.marketplace.tasks.tie_after_sales",
        "schedule": EVERY_MINUTE,
    },
    "give up files that never came": {
        "task": "merchant_protection.files.tasks.discard_abandoned",
        "schedule": EVERY_HOUR,
    },
    "scan files again": {"task": "merchant_protection.files.tasks.scan_again", "schedule": EVERY_HOUR},
    "chain the audit": {"task": "merchant_protection.audit.tasks.link_committed", "schedule": EVERY_MINUTE},
    "tag addresses again": {"task": "merchant_protection.marketplace.tasks.retag_due", "schedule": EVERY_MINUTE},
    "erase what is old": {"task": "merchant_protection.marketplace.tasks.erase_due", "schedule": EVERY_HOUR},
    "load files of orders": {"task": "merchant_protection.marketplace.tasks.load_files", "schedule": EVERY_MINUTE},
    "write lists as files": {"task": "merchant_protection.notices.tasks.write_exports", "schedule": EVERY_MINUTE},
    "forget old webhooks": {"task": "merchant_protection.notices.tasks.forget_old", "schedule": EVERY_HOUR},
    "end warnings whose clock ran out": {
        "task": "merchant_protection.risk.tasks.expire_due",
        "schedule": EVERY_MINUTE,
    },
    "end restrictions of buyers": {"task": "merchant_protection.risk.tasks.lapse_due", "schedule": EVERY_MINUTE},
    "tell of overdue appeals": {"task": "merchant_protection.risk.tasks.tell_overdue", "schedule": EVERY_MINUTE},
    "count claims over shops": {"task": "merchant_protection.risk.tasks.count_over_shops", "schedule": EVERY_HOUR},
    "forget idle rates": {"task": "merchant_protection.accounts.tasks.forget_idle_rates", "schedule": EVERY_HOUR},
    "forget old cache": {"task": "merchant_protection.accounts.tasks.forget_old_cache", "schedule": EVERY_HOUR},
    "forget old answers": {
        "task": "merchant_protection.accounts.tasks.forget_expired",
        "schedule": EVERY_HOUR,
    },
    "forget old changes": {"task": "merchant_protection.marketplace.tasks.forget_old_changes", "schedule": EVERY_HOUR},
    "forget old slots": {"task": "merchant_protection.marketplace.tasks.forget_old_slots", "schedule": EVERY_HOUR},
}

CLAIMS: Schedule = {
    "answer for missed targets": {"task": "claims.tasks.breach_overdue", "schedule": EVERY_MINUTE},
    "warn of deadlines": {"task": "claims.tasks.fire_escalations", "schedule": EVERY_MINUTE},
    "put cases back that nobody works on": {"task": "claims.tasks.release_run_out", "schedule": EVERY_MINUTE},
    "close complaints whose evidence never came": {"task": "claims.tasks.expire_due", "schedule": EVERY_MINUTE},
    "make decisions final": {"task": "claims.tasks.finalise_due", "schedule": EVERY_MINUTE},
    "follow corrected calendars": {"task": "claims.tasks.recompute_corrected", "schedule": EVERY_MINUTE},
    "carry out remedies": {"task": "claims.tasks.carry_out_due", "schedule": EVERY_MINUTE},
    "erase evidence that was taken out": {"task": "claims.tasks.let_go_removed", "schedule": EVERY_MINUTE},
    "let paused refunds go on": {"task": "claims.tasks.end_pauses", "schedule": EVERY_MINUTE},
    "fold the counts of the queues": {"task": "claims.tasks.fold_lanes", "schedule": EVERY_MINUTE},
}

PRICING_GUARD: Schedule = {
    "stop what nobody answered within its grace": {
        "task": "pricing_guard.tasks.end_grace",
        "schedule": EVERY_MINUTE,
    },
    "remind of wrong prices": {"task": "pricing_guard.tasks.remind", "schedule": EVERY_MINUTE},
    "try thresholds on the past": {"task": "pricing_guard.tasks.run_backtests", "schedule": EVERY_MINUTE},
    "apply files of floor prices": {"task": "pricing_guard.tasks.apply_floors", "schedule": EVERY_MINUTE},
    "look ahead at promotions": {"task": "pricing_guard.tasks.look_ahead", "schedule": EVERY_MINUTE},
    "bring the ledgers of incidents up to date": {
        "task": "pricing_guard.tasks.write_ledgers",
        "schedule": EVERY_MINUTE,
    },
    "hand evidence to the platform": {"task": "pricing_guard.tasks.hand_over", "schedule": EVERY_MINUTE},
    "look at the whole catalogue again": {"task": "pricing_guard.tasks.recheck", "schedule": EVERY_FIVE_MINUTES},
    "judge prices nobody told of": {"task": "pricing_guard.tasks.catch_missed", "schedule": EVERY_FIVE_MINUTES},
    "forget cheap orders without an incident": {"task": "pricing_guard.tasks.forget_loose", "schedule": EVERY_HOUR},
}

SCALPER_POLICIES: Schedule = {
    "end policies whose launch is over": {"task": "scalper_policies.tasks.expire_due", "schedule": EVERY_MINUTE},
    "give back units of orders never placed": {
        "task": "scalper_policies.tasks.release_unplaced",
        "schedule": EVERY_MINUTE,
    },
    "read files of list entries": {"task": "scalper_policies.tasks.read_lists", "schedule": EVERY_MINUTE},
    "close entries and draw": {"task": "scalper_policies.tasks.draw_due", "schedule": EVERY_MINUTE},
    "forget ended list entries": {"task": "scalper_policies.tasks.forget_entries", "schedule": EVERY_HOUR},
    "try policies on past orders": {"task": "scalper_policies.tasks.run_backtests", "schedule": EVERY_MINUTE},
    "tell of policies that could not answer": {
        "task": "scalper_policies.tasks.tell_failures",
        "schedule": EVERY_MINUTE,
    },
    "look at answers without the database": {"task": "scalper_policies.tasks.reconcile", "schedule": EVERY_MINUTE},
}

TRAINING: Schedule = {
    "publish courses whose moment has come": {"task": "training.tasks.publish_due", "schedule": EVERY_MINUTE},
    "tell learners of new versions": {"task": "training.tasks.tell_learners", "schedule": EVERY_MINUTE},
    "close attempts whose time is up": {"task": "training.tasks.close_overdue", "schedule": EVERY_MINUTE},
    "give free seats to those who wait": {"task": "training.tasks.fill", "schedule": EVERY_MINUTE},
    "send reminders of training": {"task": "training.tasks.send_due", "schedule": EVERY_MINUTE},
    "assign courses by rules": {"task": "training.tasks.apply_rules", "schedule": crontab(minute="*/5")},
}

SCHEDULE: Schedule = HOUSE | CLAIMS | PRICING_GUARD | SCALPER_POLICIES | TRAINING

# Which feature is owed a row for which kinds of change, so that it looks at each once.
CONSUMERS: dict[str, list[str]] = {
    "scalper_limits": ["order.changed"],
    "claims_recognition": ["after_sale.changed"],
    "risk_warnings": ["order.changed", "after_sale.changed"],
    "pricing_guard": ["price.changed", "listing.changed", "promotion.changed", "order.changed", "set_price.ended"],
}
