"""The summary of a structured abstract begins with what it concludes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.ingest.abstracts import main_point

POINT = "Early exercises helped most patients to smile again within a year."


@pytest.mark.parametrize(
    "abstract",
    [
        f"BACKGROUND: Facial palsy is common. METHODS: We treated 40 adults. RESULTS: Thirty recovered. CONCLUSION: {POINT}",
        f"Background: Facial palsy is common. Methods: We treated 40. Results: Thirty recovered. Conclusions: {POINT}",
        f"Background Facial palsy is common. Methods We treated 40. Results Thirty recovered. Conclusion {POINT}",
        f"OBJECTIVE To see what helps. METHODS We treated 40. RESULTS 30 recovered. CONCLUSIONS {POINT}",
        f"Tale J. 2026 Mar 3. doi: 10.5555/x. ABSTRACT AIMS: To see what helps. RESULTS: 30 did. CONCLUSION: {POINT}",
        f"Abstract Purpose To see what helps. Results Thirty recovered. Conclusion {POINT}",
        f"Importance: Palsy is common. Findings: Thirty recovered. Conclusions and Relevance: {POINT}",
        f"BACKGROUND: Palsy is common. FINDINGS: Thirty recovered. INTERPRETATION: {POINT} FUNDING: None.",
        f"Objective: To see what helps. Results: Thirty. Conclusion: {POINT} Level of Evidence: 4.",
        f"PURPOSE: To see. RESULTS: Thirty. CONCLUSION: {POINT} Copyright © 2026 Example Society.",
        f"PURPOSE: To see. RESULTS: Thirty. CONCLUSION: {POINT} PMID:1234567",
        f"Materials and methods. We treated 40 adults. Results. Thirty. Conclusion. {POINT}",
        f"Introduction — Palsy is common. Patients and methods — We treated 40. Conclusion — {POINT}",
        f"Methods and results: We treated 40 and thirty recovered. Conclusion: {POINT} Keywords: face, palsy",
        f"HINTERGRUND: Häufig. METHODIK: Wir behandelten 40. ERGEBNISSE: Dreißig. SCHLUSSFOLGERUNG: {POINT}",
        f"Ziel: Was hilft? Material und Methoden: 40 Erwachsene. Ergebnisse: Dreißig. Schlussfolgerungen: {POINT}",
        f"OBJECTIFS : Savoir. MÉTHODES : 40 adultes. RÉSULTATS : Trente. CONCLUSION : {POINT}",
        f"Contexte Fréquent. Méthodes Quarante adultes. Résultats Trente. Conclusion {POINT}",
        f"OBJETIVO: Saber. MÉTODOS: 40 adultos. RESULTADOS: Treinta. CONCLUSIONES: {POINT}",
        f"Antecedentes: Frecuente. Pacientes y métodos: 40. Resultados: Treinta. Conclusión: {POINT} Palabras clave: cara",
        f"Introdução: Frequente. Métodos: 40. Resultados: Trinta. Conclusões: {POINT}",
        f"Obiettivo: Sapere. Metodi: 40. Risultati: Trenta. Conclusioni: {POINT}",
        f"Doel: Weten. Methoden: 40. Resultaten: Dertig. Conclusie: {POINT}",
        # Only results; and a conclusion that says nothing.
        f"BACKGROUND: Palsy is common. METHODS: We treated 40 adults. RESULTS: {POINT}",
        f"BACKGROUND: Palsy is common. RESULTS: {POINT} CONCLUSION: More work is needed.",
    ],
)  # fmt: skip
def test_an_abstract_s_main_point_is_its_conclusion_else_its_results(abstract: str) -> None:
    assert main_point(abstract) == POINT


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Facial palsy is common. In conclusion, most of our patients were able to smile again after a year.",
        "BACKGROUND: Palsy is common. METHODS: We will treat 40 adults and see them again after a year.",
        # One heading alone is no structure.
        "Results: the football scores of last weekend, from all leagues and from all over the country.",
        "Conclusion of the inquiry: the clinic's methods were sound, and the results of its surgery were good.",
        "The Results Company opens a clinic. Its methods are new, and its conclusions have been printed everywhere.",
        "BACKGROUND: the objective results of our surgery, whose methods and conclusions are well known to everyone.",
        "Objective measures of the face. But Anna wins a race, and her results are the best of all in the village.",
        "BACKGROUND: Palsy is common. RESULTS: None. CONCLUSION: None.",
    ],
)
def test_what_is_no_structured_abstract_has_none(text: str) -> None:
    assert main_point(text) == ""


def test_a_conclusion_is_looked_for_in_the_beginning_of_a_long_text_only() -> None:
    assert main_point(f"BACKGROUND: {'Palsy is common. ' * 400} CONCLUSION: {POINT}") == ""


@given(st.text())
def test_a_main_point_is_a_part_of_its_text(text: str) -> None:
    assert main_point(f"BACKGROUND: {text} RESULTS: {text}") in f"BACKGROUND: {text} RESULTS: {text}"
