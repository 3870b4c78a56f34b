/** A bell, as the ram that leads the flock wears it. */
export const LOGO = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64" role="img" aria-label="Bellwether">
<rect width="64" height="64" rx="14" fill="#1f3a5f"/>
<path d="M32 12a4 4 0 0 1 4 4v1.5c7 2 11 8 11 15.500V42l4 5v3H13v-3l4-5v-9c0-7.500 4-13.500 11-15.500V16a4 4 0 0 1 4-4z" fill="#f4c95d"/>
<circle cx="32" cy="53" r="4" fill="#f4c95d"/>
</svg>
`
