package report

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"strings"
	"testing"

	"holdfast/report/chart"
)

func picturePNG(t testing.TB, w, h int) []byte {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	draw.Draw(img, img.Rect, image.NewUniform(color.RGBA{160, 40, 90, 255}), image.Point{}, draw.Src)
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func branded(t testing.TB) Document {
	d := sample()
	d.Brand = Brand{Paper: Letter, Colour: "#a0285a", Logo: picturePNG(t, 240, 60), Footer: "Registered in Galway, no. 12345", Font: "Georgia"}
	return d
}

func TestABrandShowsInEveryFormat(t *testing.T) {
	d := branded(t)
	html := htmlOf(t, d)
	for _, want := range []string{"--accent:#a0285a", "data:image/png;base64,", "Registered in Galway", `"Georgia"`} {
		if !strings.Contains(html, want) {
			t.Errorf("the HTML lacks %s", want)
		}
	}
	files := unzipped(t, docxOf(t, d))
	sound(t, docxOf(t, d))
	for name, want := range map[string]string{"word/styles.xml": "A0285A", "word/footer1.xml": "Registered in Galway", "word/document.xml": `<w:pgSz w:w="12240" w:h="15840"/>`, "word/fontTable.xml": "Georgia", "word/media/figure1.png": "PNG"} {
		if !strings.Contains(files[name], want) {
			t.Errorf("%s lacks %s", name, want)
		}
	}
	pdf := pdfOf(t, d)
	pages := pageTexts(t, pdf)
	if !strings.Contains(pages[1], "Registered in Galway") {
		t.Error("the foot of the PDF lacks the brand's line")
	}
	if info := poppler(t, pdf, "pdfinfo", "FILE"); !strings.Contains(info, "612 x 792") {
		t.Errorf("the paper is not Letter:\n%s", info)
	}
	if list := poppler(t, pdf, "pdfimages", "-list", "FILE"); !strings.Contains(list, "image") {
		t.Error("the PDF has no logo")
	}
	if !bytes.Equal(pdf, pdfOf(t, branded(t))) || !bytes.Equal(docxOf(t, d), docxOf(t, branded(t))) {
		t.Error("the same brand gave other bytes")
	}
}

func TestALandscapeDocumentLiesAcrossAndLosesNothing(t *testing.T) {
	d := sample()
	d.Landscape = true
	if info := poppler(t, pdfOf(t, d), "pdfinfo", "FILE"); !strings.Contains(info, "841.89 x 595.28") {
		t.Errorf("the page does not lie across:\n%s", info)
	}
	if body := unzipped(t, docxOf(t, d))["word/document.xml"]; !strings.Contains(body, `w:orient="landscape"`) {
		t.Error("the DOCX does not lie across")
	}
}

func TestABrandCannotHurtTheReader(t *testing.T) {
	for name, b := range map[string]Brand{
		"pale colour": {Colour: "#ffff00"}, "white": {Colour: "#FFFFFF"}, "no colour": {Colour: "red;}body{display:none"}, "half a colour": {Colour: "#12"},
		"style in the font": {Font: "x;}</style><script>"}, "no picture": {Logo: []byte("<svg onload=alert(1)>")}, "half a picture": {Logo: picturePNG(t, 30, 30)[:40]}, "paper": {Paper: "A0\"/>"},
	} {
		d := policy() // without charts, which take time to draw
		d.Brand = b
		html := htmlOf(t, d)
		if strings.Contains(html, "<script") || strings.Contains(html, "body{display") {
			t.Errorf("%s: the HTML took it over", name)
		}
		if strings.Contains(html, "<img") {
			t.Errorf("%s: a broken logo is shown", name)
		}
		if c := contrast(b.rgb(chart.Accent), b.rgb(chart.AccentSoft)); c < 4.5 {
			t.Errorf("%s: text in the accent has a contrast of %.1f", name, c)
		}
		pdfOf(t, d)
		sound(t, docxOf(t, d))
	}
	if why := CheckLogo(picturePNG(t, 5000, 2)); !strings.Contains(why, "4000 pixels") {
		t.Errorf("a huge logo: %q", why)
	}
}
