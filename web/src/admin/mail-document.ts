/**
 * The mail as a document that this page's content security policy lets through: a frame made of `srcdoc` inherits the
 * policy, so styles move from `style` attributes (which mail programs need) into one style element with the nonce.
 */
export function mailDocument(html: string, nonce: string): string {
  const rules: string[] = []
  const classed = html
    .replace(/<style(?=[\s>])/gi, `<style nonce="${nonce}"`)
    .replace(
      /<([a-z][a-z0-9]*)((?:\s+[^\s=>]+(?:=(?:"[^"]*"|'[^']*'|[^\s>]*))?)*)(\s*\/?>)/gi,
      (whole, tag: string, attributes: string, end: string) => {
        let style = ''
        let kept = attributes.replace(
          /\sstyle=(?:"([^"]*)"|'([^']*)')/i,
          (_, double?: string, single?: string) => {
            style = (double ?? single ?? '').replaceAll('&quot;', '"').replaceAll('&amp;', '&')
            return ''
          },
        )
        if (/^a$/i.test(tag) && !/\starget=/i.test(kept)) kept += ' target="_blank" rel="noreferrer"'
        if (style === '') return kept === attributes ? whole : `<${tag}${kept}${end}`
        rules.push(`[data-rule="${rules.length}"]{${style.replace(/[{}<]/g, '')}}`)
        return `<${tag} data-rule="${rules.length - 1}"${kept}${end}`
      },
    )
  const sheet = `<style nonce="${nonce}">${rules.join('')}</style>`
  return /<\/head>/i.test(classed) ? classed.replace(/<\/head>/i, `${sheet}</head>`) : `${sheet}${classed}`
}
