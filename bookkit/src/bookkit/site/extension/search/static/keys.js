/* The switch that turns the key `/` off. */
const slashSwitch = document.getElementById("search-slash");

if (slashSwitch) {
  slashSwitch.checked = isSlashOn();
  slashSwitch.closest("p").hidden = false;
  slashSwitch.addEventListener("change", () => {
    try {
      localStorage.setItem(SLASH_KEY, slashSwitch.checked ? "on" : "off");
    } catch {
      slashSwitch.checked = false;
    }
  });
}
