def is_bill(body): return False
def bill_drafts(body, metrics, words, heights, drop): return []
