// Two things several parts need: words for the live region, and the token a request must carry.
export const say = text => {
  const live = document.getElementById("live");
  if (live) { live.textContent = ""; setTimeout(() => { live.textContent = text }, 50) }
};
export const token = () => document.querySelector("[name=csrfmiddlewaretoken]")?.value ?? "";
