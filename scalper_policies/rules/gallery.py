"""Policies to begin from: what shops that launch often use, each with one number to think about."""

from collections.abc import Mapping
from datetime import timedelta

from scalper_policies.rules.policy import (
    AddressRule,
    Band,
    ClusterRule,
    Dimension,
    Limit,
    Policy,
    Scope,
    Verdict,
    velocity,
)

N_ = str  # marks a text for the catalogue
DAY = timedelta(hours=24)
MILD = (Band(1, Verdict.VERIFY), Band(40, Verdict.HOLD, hours=24))
STRICT = (*MILD, Band(100, Verdict.REJECT))

NAMES: Mapping[str, tuple[str, str]] = {
    "limited": (
        N_("Limited launch"),
        N_("Two pieces for one account, phone and address; rings of accounts are held. For one hot product."),
    ),
    "gift_box": (
        N_("Everyday limit"),
        N_("Five pieces for one account in a day; more is held for you to look at. For goods that are always on sale."),
    ),
    "fast_hands": (
        N_("Programs kept out"),
        N_("Many orders a minute from one device or network are checked. Beside any other policy."),
    ),
    "resale": (
        N_("Resale addresses"),
        N_("Orders to freight forwarders and logistics parks are held. Against goods that leave for resale."),
    ),
}
TEMPLATES: Mapping[str, Policy] = {
    "limited": Policy(
        scope=Scope(),
        limits=(
            Limit("account-units-1440m", Dimension.ACCOUNT, 2, DAY),
            Limit("phone-units-1440m", Dimension.PHONE, 2, DAY, score=50),
            Limit("payment-units-1440m", Dimension.PAYMENT, 4, DAY, score=50),
            Limit("address_cluster-units-1440m", Dimension.ADDRESS_CLUSTER, 6, DAY, score=50),
        ),
        velocity=(velocity("device-velocity", Dimension.DEVICE, orders=3, score=50),),
        clusters=(ClusterRule("cluster", score=50),),
        bands=STRICT,
        when_we_fail=Verdict.HOLD,
    ),
    "gift_box": Policy(
        scope=Scope(all_listings=True),
        limits=(Limit("account-units-1440m-each", Dimension.ACCOUNT, 5, DAY, per_listing=True, score=50),),
        bands=MILD,
    ),
    "fast_hands": Policy(
        scope=Scope(all_listings=True),
        velocity=(
            velocity("ip-velocity", Dimension.IP, orders=10, score=20),
            velocity("device-velocity", Dimension.DEVICE, orders=3, score=20),
        ),
        bands=MILD,
    ),
    "resale": Policy(
        scope=Scope(all_listings=True),
        addresses=(
            AddressRule("to-freight_forwarder", "FREIGHT_FORWARDER", 50),
            AddressRule("to-logistics_park", "LOGISTICS_PARK", 50),
        ),
        bands=MILD,
    ),
}
