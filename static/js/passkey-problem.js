// Says on the page that a passkey was not used, where the sign-in package would only tell the console.
//   <p role="alert" data-passkey-problem="The passkey was not used." hidden></p>
document.addEventListener("allauth.error", event => {
  const line = document.querySelector("[data-passkey-problem]");
  if (!line) return;
  event.preventDefault();
  line.textContent = line.dataset.passkeyProblem;
  line.hidden = false;
});

// Where the browser knows no passkeys, the button for one would only ever fail.
if (!window.PublicKeyCredential) document.getElementById("passkey_login")?.setAttribute("hidden", "");
