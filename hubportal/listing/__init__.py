"""What every list page shares: its filters, its search words, its pages. Ground floor: it knows no room."""
