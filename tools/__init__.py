"""Programs of the checkout: what builds, installs and documents. None of them is part of the product."""
