"""The demo organisation: Northfield Logistics, a cold-chain warehouse with three years behind it."""
