"""An app with one job that does nothing, so that what is measured is the platform."""
