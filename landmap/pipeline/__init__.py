"""What is computed when layers are published: fields derived from other layers, and the demo district."""

from landmap.pipeline.demo import demo_home
from landmap.pipeline.derivations import DERIVATIONS
from landmap.pipeline.publishing import publish_layers, publish_staged

__all__ = ["DERIVATIONS", "demo_home", "publish_layers", "publish_staged"]
