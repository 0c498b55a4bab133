"""The stitcher: a model without a network, which goes on as texts do and says where each word comes from."""
