// Starts the API documentation on our own OpenAPI document; nothing is fetched from elsewhere.
window.SwaggerUIBundle({
  url: "/api/openapi.json",
  dom_id: "#docs",
  deepLinking: true,
  validatorUrl: null,
});
