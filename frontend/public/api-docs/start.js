// Shows the API's own description, in the theme that was chosen on the site, or in the system's. A file of its own, because the page allows no inline script.
globalThis.SwaggerUIBundle({
  url: '/api/openapi.json',
  dom_id: '#swagger-ui',
  deepLinking: true,
  validatorUrl: null,
});

const dark = matchMedia('(prefers-color-scheme: dark)');
function follow() {
  const { theme } = document.documentElement.dataset;
  document.documentElement.classList.toggle(
    'dark-mode',
    theme === undefined ? dark.matches : theme === 'dark',
  );
}
dark.addEventListener('change', follow);
follow();
