// PNG: this browser draws the SVG, so that every script of every language has its fonts. Nothing is sent anywhere.

// Twice as large, so that it stays sharp on a projector.
const SCALE = 2;
// Browsers draw no canvas with a longer side.
const LONGEST = 16384;

const state = document.getElementById("png-state");

async function drawn(address) {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(`status ${answer.status}`);
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(await answer.text())}`;
  await image.decode();
  return image;
}

async function png(address) {
  const image = await drawn(address);
  const { naturalWidth: width, naturalHeight: height } = image;
  const scale = Math.min(SCALE, LONGEST / width, LONGEST / height);
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
  if (!blob) throw new Error("no picture");
  return blob;
}

async function save(button) {
  state.textContent = "";
  try {
    const blob = await png(button.dataset.png);
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = button.dataset.name.replace(/\.svg$/, ".png");
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  } catch (error) {
    console.error(error);
    state.textContent = state.dataset.failed;
  }
}

for (const button of document.querySelectorAll("[data-png]")) {
  button.hidden = false;
  button.addEventListener("click", () => save(button));
}
