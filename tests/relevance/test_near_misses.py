"""Families of items that sound like ours and are something else, in all languages; and items of ours that stand next to them.

All are invented. A bar parts the title from the opening.
"""

from __future__ import annotations

import pytest

from aggregator.relevance.judge import judge, make_rules
from aggregator.topics import vocabulary
from aggregator.values.entries import Entry, Verdict
from aggregator.values.settings import Feed, FilterRules

RULES = make_rules(vocabulary(), FilterRules())
FEED = Feed(name="A feed", url="https://feeds.example.com/f")

FAMILIES = {
    "market reports": """
        Bell's Palsy Market Size to Reach USD 2.4 Billion by 2034
        Acoustic Neuroma Treatment Market: Key Players and Regional Outlook
        Hemifacial Spasm Therapeutics Market Analysis | Facial nerve drugs are forecast to grow at a CAGR of 6 %.
        Global Facial Paralysis Devices Market Set to Witness Steady Growth
        Vestibular schwannoma pipeline insight 2031
        Ramsay Hunt Syndrome Drugs Market Is Projected to Expand
        Facial palsy: competitive landscape and market share
        Moebius syndrome epidemiology forecast to 2035
        Parotid Tumor Diagnostics Industry Report
        Marktanalyse Fazialisparese: Prognose bis 2032
        Taille du marché de la paralysie faciale d'ici 2033
        Mercato globale della paralisi di Bell: previsioni
        Tamanho do mercado de paralisia facial até 2032
        Tamaño del mercado de la parálisis de Bell
        Marktomvang aangezichtsverlamming wereldwijd
        Mercado mundial del espasmo hemifacial: cuota de mercado
    """,
    "animals as patients": """
        Facial Nerve Paralysis in Dogs | Idiopathic in most cocker spaniels.
        Facial palsy in a cat with otitis | The cat was seen for a drooping ear.
        Equine facial nerve paralysis after halter injury | The horse lay under anaesthesia.
        Why is my rabbit's face crooked? | Facial paralysis in rabbits often follows ear infection.
        Bell's palsy in horses: what owners should know
        Ask the vet: facial paralysis | Your dog's lip droops and food falls out.
        Bilateral facial nerve paralysis in a foal
        Veterinary neurology notes: facial nerve paresis
        What pet owners should know about facial paralysis
        Fazialisparese beim Hund | Die Hündin konnte das Lid nicht schließen.
        Facialisparese bei der Katze: Ursachen und Behandlung | Ihre Katze sabbert.
        Paralysie faciale chez le chien | Le vétérinaire examine l'oreille.
        Paralisi facciale nel cane e nel gatto
        Paralisia facial em cães e gatos | O veterinário avalia o reflexo palpebral.
        Parálisis facial en perros: síntomas
        Aangezichtsverlamming bij de hond | De dierenarts test de knipperreflex.
        Gezichtsverlamming bij paarden
    """,
    "cosmetics": """
        Face yoga for a lifted jawline | Ten exercises that train the facial muscles.
        What can go wrong with a facelift? | Bleeding, infection and, rarely, injury of the facial nerve.
        Botox for frown lines | It relaxes facial muscles; temporary facial weakness may occur.
        Dermal fillers: the dangers | Vascular occlusion, lumps and, in rare cases, facial paralysis.
        Smile makeover with veneers | A new smile gives confidence.
        Deep plane explained | The surgeon works under the muscle layer near the facial nerve.
        Microcurrent at home | It tones the facial muscles in five minutes a day.
        Buccal fat removal risks | Damage to the parotid duct and facial nerve branches is possible.
        Gua sha and facial massage for puffiness
        Gesichtsyoga gegen Falten | Übungen kräftigen die Gesichtsmuskeln.
        Facelift: Risiken und Kosten | Selten wird der Gesichtsnerv verletzt.
        Lifting du visage: les risques | Très rarement une lésion du nerf facial.
        Yoga facial para rejuvenecer | Trabaja los músculos faciales.
        Lifting: quali rischi? | Raramente si lede il nervo facciale.
        Harmonização facial: riscos | Lesão do nervo facial é rara.
        Facelift: wat zijn de risico's? | Zelden raakt de aangezichtszenuw beschadigd.
    """,
    "anatomy": """
        The cranial nerves made easy | The seventh is the facial nerve, the eighth serves hearing.
        Anatomy of the temporal bone | The facial nerve runs through a bony canal.
        Salivary glands | The parotid gland is the largest of three pairs.
        How many muscles does it take to frown? | Facial muscles attach to the skin.
        Taste buds and their nerves | The front of the tongue reports by way of the facial nerve.
        The middle ear explained | Behind the drum lie three bones, a muscle and the facial nerve.
        The muscles of chewing | They are supplied by the trigeminal and not by the facial nerve.
        Hirnnerven im Überblick | Der siebte Hirnnerv ist der Gesichtsnerv.
        Anatomie des Mittelohrs | Der Nervus facialis zieht durch einen Kanal.
        Les nerfs crâniens | Le nerf facial est le septième.
        Le glandole salivari | La parotide è la più grande.
        Os pares cranianos | O nervo facial é o sétimo.
        Los pares craneales | El nervio facial es el séptimo.
        De hersenzenuwen | De aangezichtszenuw is de zevende.
        The stapedius muscle | A tiny muscle supplied by the facial nerve damps loud sounds.
    """,
    "lists of signs": """
        Stroke: know the signs | Facial weakness, arm weakness and slurred speech are signs, and so is facial paralysis.
        Lyme disease season is here | Symptoms include rash, fever, facial paralysis and joint pain.
        Sarcoidosis at a glance | Signs include cough, tender bumps, uveitis, and facial palsy.
        What shingles can do | Complications include pain, hearing loss, facial paralysis and pneumonia.
        HIV: the early weeks | Symptoms such as fever, rash, sore throat, and facial palsy may occur.
        After a skull fracture | Complications such as leaks, deafness, and facial palsy may occur.
        Botulism in home canning | Signs include double vision, drooping lids, facial paralysis, and weakness.
        Multiple sclerosis: first symptoms | They include numbness, blurred vision, facial palsy, and fatigue.
        Zeckenzeit: Borreliose erkennen | Symptome sind Wanderröte, Fieber, Gesichtslähmung und Gelenkschmerzen.
        Gürtelrose | Komplikationen sind Schmerzen, Hörverlust, Gesichtslähmung und Narben.
        Maladie de Lyme: les signes | Symptômes: fièvre, rougeur, paralysie faciale, douleurs.
        Malattia di Lyme | I sintomi: febbre, eritema, paralisi facciale, dolori.
        Doença de Lyme | Sintomas como febre, manchas, paralisia facial e dores.
        Enfermedad de Lyme | Síntomas como fiebre, erupción, parálisis facial y dolor.
        Ziekte van Lyme herkennen | Symptomen zijn koorts, uitslag, aangezichtsverlamming en pijn.
        Leukaemia relapse in children | It may cause headache, vomiting, seizures, and facial palsy.
    """,
    "other palsies": """
        Cerebral palsy: early signs | The child's facial muscles may be stiff.
        Sixth nerve palsy resolved in three months
        Progressive supranuclear palsy trial begins
        Erb's palsy after shoulder dystocia
        Vocal cord paralysis after thyroid surgery
        Sleep paralysis and its demons
        Todd's paralysis after a seizure
        Obstetric brachial plexus palsy: microsurgery at six months
        Gaze palsy in a patient with a pontine lesion
        Peroneal nerve palsy and foot drop
        Bulbar palsy in motor neurone disease
        Stimmbandlähmung nach Operation
        Schlafparalyse: wach und doch gelähmt
        Paralysie cérébrale: vivre debout
        Paralisi cerebrale infantile: nuove terapie
        Paralisia do sono: o que é
        Parálisis supranuclear progresiva: qué es
        Stembandverlamming na een operatie
    """,
    "glands and tumours elsewhere": """
        Mumps cases rise | The parotid gland swells on one or both sides.
        Salivary stones: what to do | Most sit in the submandibular, few in the parotid duct.
        Sjögren's and the dry mouth | Biopsy of the parotid gland may help.
        Submandibular gland tumours: a review | The parotid is more often the seat.
        Thyroid nodules | A lump in the neck may also come from the parotid gland.
        Jugular foramen schwannoma: a case | It is rarer than acoustic neuroma.
        Trigeminal schwannoma resected | Unlike acoustic neuroma it spares hearing.
        Glossopharyngeal schwannoma | Rare beside acoustic schwannomas.
        Sudden hearing loss: what to do | Rarely an acoustic neuroma is the cause.
        Tinnitus explained | In rare cases an acoustic neuroma is behind it.
        Mumps bei Kindern | Die Ohrspeicheldrüse schwillt an.
        Oreillons: le retour | La parotide gonfle.
        Parotite: sintomi | La ghiandola parotide si gonfia.
        Caxumba: como se prevenir | A parótida incha.
        Paperas: síntomas | La parótida se inflama.
        De bof is terug | De oorspeekselklier zwelt op.
    """,
    "eyes and other nerves": """
        Thyroid eye disease: surgery in three steps | Lid retraction and lagophthalmos are treated last.
        Upper lid blepharoplasty | Lagophthalmos for some days is normal.
        Trigeminal neuralgia: living with lightning | The pain strikes one side of the face.
        Myasthenia gravis | Drooping lids and weak facial muscles come and go.
        Blepharospasm and botulinum toxin
        Why does my eyelid twitch? | Too much coffee, too little sleep.
        Horner's syndrome in a runner | One lid droops and one pupil is small.
        Masked face of Parkinson's disease | Facial muscles move less and less.
        Guillain-Barré syndrome: the first week | Weakness rises and may reach the facial muscles.
        Facial pain clinic opens | Jaw joint and nerve pain are treated together.
        Trigeminusneuralgie: Blitze im Gesicht
        Névralgie du trijumeau: que faire
        Nevralgia del trigemino: le cure
        Neuralgia do trigêmeo: tratamento
        Neuralgia del trigémino en mayores
        Trigeminusneuralgie: pijn als een bliksem
    """,
    "names, machines and metaphors": """
        Kristen Bell reads for children
        Bell inequality tested with photons
        The Möbius strip has one side
        Möbius transformations in the plane
        Ramsay Street says goodbye
        Facial recognition at the border
        Emotion recognition from facial expression | A network reads facial muscles in video.
        Poker face: the art of the bluff
        Paralysed by fear: why parliament does not act
        Analysis paralysis in the boardroom
        World's second face transplant | The patient received a new face after a bear attack; facial movement came slowly.
        Das Möbiusband in der Kunst
        Reconnaissance faciale dans le métro
        Riconoscimento facciale negli stadi
        Reconhecimento facial em escolas
        La cinta de Moebius en el arte
        Gezichtsherkenning op Schiphol
        Unité de réanimation agrandie
    """,
}  # fmt: skip

OURS = """
    Bell's palsy after a dog bite: a case report
    Her guide dog noticed first: living with facial palsy
    Facial nerve repair in a rat model | Rabbits and rats were compared.
    Facial paralysis or stroke? How doctors tell | A drooping face needs a look at the forehead.
    Botulinum toxin for facial synkinesis: ten years
    Facelift technique for facial paralysis: static suspension
    Shingles of the ear: Ramsay Hunt syndrome explained
    Lyme disease and facial palsy in children
    Parotid tumour removed in six hours
    Lagophthalmos in facial palsy: lid weights
    Crooked smile | Bell's palsy changed how strangers looked at her.
    Woman wakes with half her face paralysed | She feared a stroke.
    Fazialisparese: Was tun? | Der Gesichtsnerv ist entzündet.
    Mein Gesicht war plötzlich gelähmt
    Paralysie faciale a frigore: le traitement
    Elle retrouve le sourire | Un transfert nerveux après une paralysie faciale.
    Paralisi di Bell: la riabilitazione
    Torna a sorridere | Il trapianto di muscolo gracile dopo la paralisi facciale.
    Paralisia facial: quando procurar o médico
    Volta a sorrir | Cirurgia para a paralisia facial devolveu o sorriso.
    Aangezichtsverlamming: mimetherapie helpt
    Brughoektumor: leven met een half gezicht
    Recupera la sonrisa | Sufría parálisis facial desde el parto.
    Akustikusneurinom: abwarten oder operieren?
    Spasme hémifacial: la chirurgie
"""


def verdict(line: str) -> Verdict:
    title, _, opening = (part.strip() for part in line.partition("|"))
    return judge(Entry(guid="1", url="", title=title, summary=opening, text=opening), (), FEED, RULES)


def lines(table: str) -> list[str]:
    return [line.strip() for line in table.splitlines() if line.strip()]


@pytest.mark.parametrize("family", FAMILIES)
def test_a_family_of_near_misses_is_not_admitted(family: str) -> None:
    found = lines(FAMILIES[family])

    assert len(found) >= 15
    assert [line for line in found if verdict(line).admitted and not verdict(line).is_doubtful] == []
    assert sum(verdict(line).is_doubtful for line in found) <= 5


def test_what_stands_next_to_them_is() -> None:
    assert [line for line in lines(OURS) if not verdict(line).admitted] == []


@pytest.mark.parametrize(
    ("title", "opening", "is_admitted"),
    [
        ("Crooked mouth: not a stroke", "Often the facial nerve is inflamed.", True),
        ("Schiefer Mund: kein Schlaganfall", "Oft ist der Gesichtsnerv entzündet.", True),
        ("Bouche de travers : ce n’est pas un AVC", "Le nerf facial est en cause.", True),
        ("Bocca storta: non sempre è un ictus", "Spesso è colpa del nervo facciale.", True),
        ("Boca torcida: no siempre es un ictus", "La culpa es del nervio facial.", True),
        ("Boca torta: nem sempre é AVC", "A culpa é do nervo facial.", True),
        ("Scheve mond: niet altijd een beroerte", "Vaak is de aangezichtszenuw ontstoken.", True),
        ("Lyme disease: symptoms from rash to facial palsy", "Fever is common.", False),
        ("Doença de Lyme: sintomas vão da erupção à paralisia facial", "Febre e dores.", False),
        ("Facial palsy: symptoms of Lyme disease in children", "The palsy goes away.", True),
        ("Lyme disease and facial palsy", "Fever is common.", True),
    ],
)
def test_an_illness_that_is_denied_or_whose_sign_we_are(title: str, opening: str, is_admitted: bool) -> None:
    verdict = judge(Entry(guid="1", url="", title=title, summary=opening), (), FEED, RULES)

    assert (verdict.admitted and not verdict.is_doubtful) == is_admitted
