"""Journeys of people through the product, driven in headless Chromium."""
