"""The edge that `api` and `web` share: errors, transactions, guards, assets, the OpenAPI document."""
