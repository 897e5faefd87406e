"""Pages and addresses: the holder's, the public's, and the API's."""
