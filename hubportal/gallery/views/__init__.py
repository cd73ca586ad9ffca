"""The pages of pictures, one picture, the bin, and the files themselves."""
