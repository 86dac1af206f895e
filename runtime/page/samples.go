package page

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"fmt"
	"html/template"
	goimage "image"
	"image/color"
	"image/png"
	"slices"

	"spikec/runtime/evaluate"
	"spikec/runtime/sample"
)

// maxMatrix is how many classes a matrix of all pairs has at most; mostConfused is how many pairs are listed.
const (
	maxMatrix    = 30
	mostConfused = 15
)

// className names a class.
func className(d *sample.Document, class int) string {
	if class < len(d.ClassNames) {
		return fmt.Sprintf("%d %s", class, d.ClassNames[class])
	}
	return fmt.Sprint(class)
}

// decisions shows which classes are taken for which.
func decisions(d *sample.Document) section {
	s := section{ID: "decisions", Title: "Which classes are taken for which"}
	of, as, right := make([]int64, d.Classes), make([]int64, d.Classes), make([]int64, d.Classes)
	counts := map[[2]int]int64{}
	for _, c := range d.Confusion {
		counts[[2]int{c.Label, c.Decision}] += c.Images
		of[c.Label] += c.Images
		as[c.Decision] += c.Images
		if c.Label == c.Decision {
			right[c.Label] += c.Images
		}
	}
	if d.Classes <= maxMatrix {
		t := newTable("Confusion matrix: a row for each label, a column for each decision; images of the last stage", "confusion", "label")
		for c := range d.Classes {
			t.Columns = append(t.Columns, column{Name: className(d, c), Number: true})
		}
		for label := range d.Classes {
			row := []any{cell{Text: className(d, label), Sort: fmt.Sprint(label)}}
			for decision := range d.Classes {
				n := counts[[2]int{label, decision}]
				c := cell{Text: fmt.Sprint(n), Sort: fmt.Sprint(n), Bad: n > 0 && label != decision}
				if n == 0 {
					c.Text = "·"
				} else if of[label] > 0 {
					heat := float64(n) / float64(of[label])
					c.Heat = &heat
				}
				row = append(row, c)
			}
			t.row(row...)
		}
		s.add(block{Table: t})
	}
	t := newTable("Each class", "classes", "class", "#images", "#decided rightly", "#from", "#to", "#decided as it", "#of these rightly")
	t.Columns[3].Title, t.Columns[4].Title = "lower end of the 95 % interval", "upper end of the 95 % interval"
	for c := range d.Classes {
		if of[c] == 0 && as[c] == 0 {
			continue
		}
		row := []any{cell{Text: className(d, c), Sort: fmt.Sprint(c)}, of[c]}
		if of[c] > 0 {
			ci := evaluate.Wilson(right[c], of[c])
			row = append(row, percent(float64(right[c])/float64(of[c])), percent(ci[0]), percent(ci[1]))
		} else {
			row = append(row, none, none, none)
		}
		row = append(row, as[c])
		if as[c] > 0 {
			row = append(row, percent(float64(right[c])/float64(as[c])))
		} else {
			row = append(row, none)
		}
		t.row(row...)
	}
	s.add(block{Table: t})
	wrong := slices.DeleteFunc(slices.Clone(d.Confusion), func(c sample.Confusion) bool { return c.Label == c.Decision })
	if len(wrong) == 0 {
		s.add(text("No image was decided wrongly."))
		return s
	}
	slices.SortStableFunc(wrong, func(a, b sample.Confusion) int { return cmp.Compare(b.Images, a.Images) })
	t = newTable("The most frequent mistakes", "mistakes", "label", "decided as", "#images", "#of the label")
	for _, c := range wrong[:min(mostConfused, len(wrong))] {
		t.row(className(d, c.Label), className(d, c.Decision), c.Images, percent(float64(c.Images)/float64(of[c.Label])))
	}
	s.add(block{Table: t})
	return s
}

// images shows some images on their way.
func images(d *sample.Document) section {
	s := section{ID: "images", Title: "Images on their way"}
	s.add(text("The first images that were decided rightly, and those that were decided wrongly. First what the read-out compares, step by step, for the classes that are ahead in the end and for the label; then when neurons of each layer fired, a row each, evenly chosen among those that fired at all."))
	for i := range d.Images {
		s.add(block{Samples: []example{oneImage(d, &d.Images[i])}})
	}
	return s
}

// oneImage shows an image.
func oneImage(d *sample.Document, m *sample.Image) example {
	e := example{Title: fmt.Sprintf("Image %d: labelled %s, decided as %s", m.Index, className(d, m.Label), className(d, m.Decision)), Wrong: m.Label != m.Decision,
		Alt: fmt.Sprintf("Image %d of the data, labelled %s", m.Index, className(d, m.Label))}
	switch {
	case !e.Wrong && m.Trained == m.Decision:
		e.Text = "Right, as the trained network decides."
	case !e.Wrong:
		e.Text = fmt.Sprintf("Right, where the trained network says %s.", className(d, m.Trained))
	case m.Trained == m.Decision:
		e.Text = "Wrong, as the trained network decides too."
	default:
		e.Text = fmt.Sprintf("Wrong, where the trained network says %s.", className(d, m.Trained))
	}
	e.Text += " " + journey(d, &m.Scores)
	if m.Picture != nil {
		e.Picture = pictureURL(m.Picture)
	}
	if k := &m.Scores; len(k.Steps) > 1 {
		var curves []curve
		for c, class := range k.Classes {
			one := curve{name: className(d, class)}
			if class == m.Label {
				one.name += " (label)"
			}
			for at, step := range k.Steps {
				one.x, one.y = append(one.x, float64(step)), append(one.y, float64(k.Values[c][at]))
			}
			curves = append(curves, one)
		}
		f := lines(fmt.Sprintf("Image %d: scores of the classes", m.Index), "step", "score ["+k.Unit+"]", journey(d, k), fmt.Sprintf("image-%d-scores", m.Index), false, curves)
		e.Plots = append(e.Plots, f)
	}
	for i := range m.Rasters {
		r := &m.Rasters[i]
		names := make([]string, len(r.Neurons))
		for k, n := range r.Neurons {
			names[k] = fmt.Sprint(n)
		}
		spikes := 0
		for _, train := range r.Spikes {
			spikes += len(train)
		}
		words := fmt.Sprintf("%d spikes of %d neurons in %d steps; %d neurons of the layer fired.", spikes, len(names), r.Steps, r.Fired)
		f := raster(fmt.Sprintf("Image %d: spikes of %s", m.Index, r.Layer), words, fmt.Sprintf("image-%d-spikes-%d", m.Index, i), r.Steps, names, r.Spikes)
		f.Note = fmt.Sprintf("%d of %d neurons that fired", len(names), r.Fired)
		e.Plots = append(e.Plots, f)
	}
	return e
}

// journey words how the decision changed.
func journey(d *sample.Document, k *sample.Scores) string {
	if len(k.Steps) == 0 {
		return ""
	}
	words := fmt.Sprintf("Decision: %s from step %d on", className(d, k.Decisions[0]), k.Steps[0])
	changes := 0
	for i := 1; i < len(k.Decisions); i++ {
		if k.Decisions[i] != k.Decisions[i-1] {
			if changes++; changes <= 6 {
				words += fmt.Sprintf(", %s from %d", className(d, k.Decisions[i]), k.Steps[i])
			}
		}
	}
	if changes > 6 {
		words += fmt.Sprintf(", and %d changes more", changes-6)
	}
	return words + "."
}

// pictureURL is a picture as a PNG.
func pictureURL(p *sample.Picture) template.URL {
	m := goimage.NewRGBA(goimage.Rect(0, 0, p.Width, p.Height))
	for i := range p.Width * p.Height {
		px := p.Pixels[i*p.Channels : (i+1)*p.Channels]
		m.SetRGBA(i%p.Width, i/p.Width, color.RGBA{px[0], px[p.Channels/2], px[p.Channels-1], 255})
	}
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		panic(err) // a buffer takes all, and sizes are within those of a PNG
	}
	return template.URL("data:image/png;base64," + base64.StdEncoding.EncodeToString(b.Bytes()))
}
