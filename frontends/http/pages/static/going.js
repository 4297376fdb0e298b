// What takes several requests goes on by itself; the link beside it stops it.
const form = document.querySelector("form[data-goes-on]");
const link = document.querySelector("a[data-goes-on]");
if (form) setTimeout(() => form.requestSubmit(), 200);
else if (link) setTimeout(() => location.replace(link.href), 200);
