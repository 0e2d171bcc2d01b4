// Shows the buttons that copy a field, and lets them do so. Without scripts the field can be copied by hand.
for (const button of document.querySelectorAll("button[data-copy]")) {
  const field = document.getElementById(button.dataset.copy);
  button.hidden = false;
  button.addEventListener("click", async () => {
    field.select();
    if (navigator.clipboard) await navigator.clipboard.writeText(field.value);
    else document.execCommand("copy"); // plain http on another machine: there is no clipboard for scripts
    button.textContent = "Copied";
  });
}
