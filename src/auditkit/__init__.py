"""Cultural audits of pairs: themes, change between rounds, feedback packs."""

__version__ = "0.1.0"
