"""What the guard knows about prices: plain values in, plain values out, no database and no clock."""
