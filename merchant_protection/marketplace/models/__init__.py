"""What the selling platform tells us, and what we ask of it."""

from merchant_protection.marketplace.models.actions import ActionEvent, ActionTarget, PlatformAction
from merchant_protection.marketplace.models.address_lists import AddressList, Retagging
from merchant_protection.marketplace.models.aftersales import AfterSale
from merchant_protection.marketplace.models.buyers import Buyer
from merchant_protection.marketplace.models.guards import Breaker, Budget, BudgetUse, DoubtedListing, RulePause, Switch
from merchant_protection.marketplace.models.imports import Import, ImportFault
from merchant_protection.marketplace.models.inbox import Change, InboundSecret, InboundSource, InboxEvent
from merchant_protection.marketplace.models.listings import Listing, PricePoint, Promotion
from merchant_protection.marketplace.models.orders import Order, OrderLine, OrderStatusChange
from merchant_protection.marketplace.models.platforms import Platform

__all__ = [
    "ActionEvent",
    "ActionTarget",
    "AddressList",
    "AfterSale",
    "Breaker",
    "Budget",
    "BudgetUse",
    "Buyer",
    "Change",
    "DoubtedListing",
    "Import",
    "ImportFault",
    "InboundSecret",
    "InboundSource",
    "InboxEvent",
    "Listing",
    "Order",
    "OrderLine",
    "OrderStatusChange",
    "Platform",
    "PlatformAction",
    "PricePoint",
    "Promotion",
    "Retagging",
    "RulePause",
    "Switch",
]
