"""(pack)"""
