"""The web beside Pinterest: pages and files that go wrong in every way that users' links do.

routes   every place under /web/ by its name
visit    one request to it, with its parameters read strictly
pages, hops, walls, files, signing, lines   what is there
"""
