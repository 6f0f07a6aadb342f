"""For the test suites of sites that use the apps: docs/testing.md. The product never imports it."""
