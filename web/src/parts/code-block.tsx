import classes from './code-block.module.css'

/** Text as it is, such as data or code; long text scrolls. */
export function CodeBlock({ text }: { text: string }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard.
    <pre className={classes.code} tabIndex={0}>
      {text}
    </pre>
  )
}
