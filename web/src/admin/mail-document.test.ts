import { describe, expect, it } from 'vitest'
import { mailDocument } from './mail-document.ts'

describe('mailDocument', () => {
  it('moves style attributes into one style element with the nonce', () => {
    const document = mailDocument('<html><head></head><body><p style="color:#123">Hi</p></body></html>', 'n1')
    expect(document).toBe(
      '<html><head><style nonce="n1">[data-rule="0"]{color:#123}</style></head><body><p data-rule="0">Hi</p></body></html>',
    )
  })

  it('gives the mail’s own style elements the nonce', () => {
    expect(mailDocument('<head><style>p{}</style></head>', 'n2')).toContain('<style nonce="n2">p{}</style>')
  })

  it('opens links in a new tab and keeps their address', () => {
    expect(mailDocument('<a href="https://example.com/?a=1&amp;b=2" style="color:red">x</a>', 'n')).toContain(
      '<a data-rule="0" href="https://example.com/?a=1&amp;b=2" target="_blank" rel="noreferrer">x</a>',
    )
  })

  it('cannot be led out of the style element by a style', () => {
    const document = mailDocument('<p style="color:red}</style><script>x()</script>">Hi</p>', 'n')
    expect(document).not.toMatch(/<script/)
    expect(document.match(/<\/style>/g)).toHaveLength(1)
  })

  it('leaves elements without style alone', () => {
    expect(mailDocument('<p class="a">Hi</p><br/>', 'n')).toBe(
      '<style nonce="n"></style><p class="a">Hi</p><br/>',
    )
  })
})
