"""A picture in another format or size, made by the worker when somebody asks for it."""
