"""Collections: pictures that a team puts together by hand, in an order of their own."""
