"""The types of components' inputs and outputs, under the module paths that KFP gave them."""
