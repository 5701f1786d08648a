"""The demo district: one seeded plan turned into the layer files of ``geodata/licang``."""
