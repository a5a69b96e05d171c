"""The industries of the United States, tested: where they concentrate, and where photonics does."""
