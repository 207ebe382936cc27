package report

import (
	"bytes"
	"fmt"
	"image/png"
	"runtime"
	"strings"
	"sync"

	"holdfast/report/chart"
	"holdfast/report/font"
)

// A picture of a DOCX is a logo, or a drawing. A drawing stands in it twice: as
// vectors, and for programs that show none as a PNG.
type picture struct {
	logo     *logo
	drawing  *chart.Drawing
	svg, png string
}

// ending of the file that every program can show.
func (p *picture) ending() string {
	if p.logo != nil {
		return p.logo.format
	}
	return "png"
}

// reduced is how much smaller a chart is set than on a screen, so that its twelve
// pixels come out as small print. pixels is how wide its picture is, for print.
const (
	reduced = 0.7
	pixels  = 1400
)

func (m *manuscript) figure(v Figure, c column) {
	if v.Chart == nil {
		return
	}
	width := float64(c.width) / 20
	d := v.Chart.Draw(width / reduced)
	if limit := m.guess.height - 100; d.Height*width/d.Width > limit {
		width = d.Width * limit / d.Height
	}
	height := d.Height * width / d.Width
	m.guess.space(height + 12)
	m.pictures = append(m.pictures, &picture{drawing: d})
	m.open(stand{style: "Figure", keepNext: true, left: c.left}, nil)
	m.drawing(len(m.pictures), width, height, strings.TrimSpace(font.OneLine(d.Title+". "+d.Desc)))
	m.shut()
	caption := m.captions.figure(v.Caption)
	m.caption("Figure", m.captions.figures, caption, false)
	if v.WithTable {
		m.table(chartTable(v.Chart.Table()), c)
	}
}

// drawing places picture n in the line; alt is what is read out instead.
func (m *manuscript) drawing(n int, width, height float64, alt string) {
	const unit = 12700 // of the format in a point
	id := m.object()
	x, y := int(width*unit), int(height*unit)
	m.f(`<w:r><w:drawing><wp:inline distT="0" distB="0" distL="0" distR="0"><wp:extent cx="%d" cy="%d"/><wp:docPr id="%d" name="Figure %d" descr="`, x, y, id, n)
	xmlText.WriteString(&m.out, alt) //nolint:errcheck // a Builder does not fail
	m.f(`"/><wp:cNvGraphicFramePr><a:graphicFrameLocks noChangeAspect="1"/></wp:cNvGraphicFramePr><a:graphic><a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/picture"><pic:pic><pic:nvPicPr><pic:cNvPr id="%d" name="figure%d.%s"/><pic:cNvPicPr/></pic:nvPicPr>`, id, n, m.pictures[n-1].ending())
	vectors := ""
	if m.pictures[n-1].drawing != nil {
		vectors = fmt.Sprintf(`<a:extLst><a:ext uri="{96DAC541-7B7A-43D3-8B79-37D633B846F1}"><asvg:svgBlip r:embed="rVector%d"/></a:ext></a:extLst>`, n)
	}
	m.f(`<pic:blipFill><a:blip r:embed="rPicture%d">%s</a:blip><a:stretch><a:fillRect/></a:stretch></pic:blipFill>`, n, vectors)
	m.f(`<pic:spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="%d" cy="%d"/></a:xfrm><a:prstGeom prst="rect"><a:avLst/></a:prstGeom></pic:spPr></pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing></w:r>`, x, y)
}

// encodePictures draws all figures, as many at a time as there are processors.
func (m *manuscript) encodePictures() error {
	errs := make([]error, len(m.pictures))
	turn := make(chan struct{}, runtime.GOMAXPROCS(0))
	var all sync.WaitGroup
	for i, p := range m.pictures {
		turn <- struct{}{}
		all.Go(func() {
			errs[i] = p.encode()
			<-turn
		})
	}
	all.Wait()
	for i, err := range errs {
		if err != nil {
			return fmt.Errorf("figure %d: %w", i+1, err)
		}
	}
	return nil
}

func (p *picture) encode() error {
	if p.drawing == nil {
		return nil
	}
	var svg strings.Builder
	if err := p.drawing.FileSVG(&svg); err != nil {
		return err
	}
	var b bytes.Buffer
	enc := png.Encoder{CompressionLevel: png.BestSpeed}
	if err := enc.Encode(&b, p.drawing.Image(pixels)); err != nil {
		return err
	}
	p.svg, p.png = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>`+"\n"+svg.String(), b.String()
	return nil
}
