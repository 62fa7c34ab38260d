"""A selling platform to try the portal with: it posts signed events and takes actions over real HTTP.

    python -m benchmarks.simulator --portal http://127.0.0.1:8000 --history 45

posts 45 days of two shops' past, then lives on: orders, price edits, promotions, after-sales,
and now and then a story: price_slip, stack_mistake, scalper_ring, blackmailer, refund_gang,
hoarding, extra_charge. Drive it while it runs:

    curl -s localhost:8100/control                                   how it is set
    curl -s localhost:8100/ledger                                    what happened, counted
    curl -s localhost:8100/control -d '{"tell": "price_slip"}'       a slip now
    curl -s localhost:8100/control -d '{"tell": {"story": "scalper_ring", "accounts": 40}}'
    curl -s localhost:8100/control -d '{"rate": 20, "paused": false}'
    curl -s localhost:8100/control -d '{"faults": {"unavailable": 0.15, "lost": 0.15, "hang": 0.05}}'
    curl -s localhost:8100/control -d '{"faults": {"down": 60}}'     down for a minute
    curl -s localhost:8100/control -d '{"faults": {}}'               well again

It never imports the portal. Everything follows from the seed. See docs/simulator.md.
"""
