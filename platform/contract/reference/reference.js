// Filters the index as one types; `/` goes to the field.
const find = document.getElementById('find')
const items = [...document.querySelectorAll('.index li')]
find.addEventListener('input', () => {
  const words = find.value.toLowerCase().split(/\s+/).filter(Boolean)
  for (const item of items) item.hidden = !words.every((word) => item.dataset.find.includes(word))
  for (const section of document.querySelectorAll('.index section'))
    section.hidden = !section.querySelector('li:not([hidden])')
})
document.addEventListener('keydown', (event) => {
  if (event.key !== '/' || event.target instanceof HTMLInputElement) return
  event.preventDefault()
  find.focus()
})
