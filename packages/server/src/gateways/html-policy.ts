/** What a gateway does with pages: shows them in a sandbox everywhere, on custom domains alone, or never. */
export type HtmlPolicy = 'sandbox' | 'domains' | 'refuse'
