"""Given names: the short forms of one name, and names that differ in a letter or two and are still two names."""

from __future__ import annotations

from collections import defaultdict

# One line per name: its forms. A form may stand on several lines (Alex, Chris, Pat).
FORMS = """
abigail abby gail
abraham abe bram
albert al bert bertie
alejandro alex ale
alexander alex alec al xander sasha sandy
alexandra alex sandra sasha lexi sandy
alfred al fred alfie freddie
amanda mandy
andrew andy drew
angela angie
anna ann anne annie anya
anthony tony ant
antonio tony toni
antonia toni
arthur art artie
barbara barb babs barbie
benjamin ben benny benji
beatrice bea trixie
bernard bernie
bradley brad
calvin cal
cameron cam
caroline carol carrie
catherine cathy cate cat kate katie
charles charlie chuck chas
charlotte charlie lottie
christina chris chrissy tina
christine chris chrissy tina
christopher chris kit topher
clifford cliff
cynthia cindy
daniel dan danny
danielle dani
david dave davey
deborah deb debbie debra
dennis denny den
dominic dom nick
donald don donny
dorothy dot dottie dolly
douglas doug
edward ed eddie ted teddy ned
edwin ed eddie
eleanor ellie nell nora
elizabeth liz lizzie beth betty eliza elsie libby lisa bess
emily em emmy
emmanuel manny
eugene gene
ezekiel zeke
frances fran frankie
francis frank frankie
francisco paco pancho frank
frederick fred freddie rick
gabriel gabe
gerald gerry jerry
gregory greg
guadalupe lupe
harold harry hal
henry hank harry hal
herbert herb bert
howard howie
ignacio nacho
isaac ike zac
isabella bella izzy
isabel izzy bella
jacob jake jack
jacqueline jackie
james jim jimmy jamie
janet jan
jeffrey jeff
jennifer jen jenny
jeremiah jerry jeremy
jessica jess jessie
jesus chuy
joan joanie
john jack johnny jon
jonathan jon jonny nathan
jose pepe
joseph joe joey
josephine jo josie
joshua josh
judith judy jude
julia julie
katherine kathy kate katie kat kay kitty
kathleen kathy kate katie kay
kenneth ken kenny
kimberly kim
lawrence larry laurie
leonard leo len lenny
leonardo leo
lillian lily
louis lou louie
lucille lucy
luis lucho
madeline maddie
manuel manny manolo
margaret maggie meg peggy marge daisy rita greta
maria mary mia
matilda tilly mattie
matthew matt matty
maximilian max
megan meg
melissa mel missy
michael mike mikey mick mickey
miguel mike
mitchell mitch
mohammed mohamed muhammad mohammad mo
nancy nan
natalie nat
nathaniel nate nathan nat
nicholas nick nicky nico
nicole nikki nicky
oliver ollie
olivia liv livvy
oscar ozzie
pamela pam
patricia pat patty trish tricia
patrick pat paddy rick
paul paulie
peter pete
philip phil pip phillip
phoebe bee
priscilla cilla
rachel rae
raymond ray
rebecca becky becca
reginald reg reggie
richard rick rich richie dick ricky
robert rob bob bobby robbie bert
roberto beto
rodney rod
roger rodge
ronald ron ronnie
rosemary rose rosie
russell russ
samantha sam sammy
samuel sam sammy
sarah sally sadie
sebastian seb bas
sidney sid
solomon sol
stanley stan
stephanie steph stephie
steven steve stevie
stephen steve stevie
susan sue susie suzie
sylvester sly
tamara tammy
terence terry
theresa terry tess tessa teresa
theodore ted teddy theo
thomas tom tommy
timothy tim timmy
valerie val
vanessa nessa
veronica ronnie vera
victor vic
victoria vicky tori vic
vincent vince vinny
virginia ginny
walter walt wally
wilfred wilf fred
william will bill billy willie liam
winifred winnie
yolanda yoli
zachary zach zack
"""

# Names that lie close to another name: seeing both means two people rather than a slip of the pen.
OTHERS = """
roberta adam aaron adrian adriana adrienne aidan aiden aisha alan allan alana alba alberto alberta alejandra alexis alfredo
ali alice alicia alina alison allison alma alonso alvaro alyssa amal amari amber amelia amina amir amira amy ana andre andrea
andreas andres angel angelica angelina angelo anita antoine antoinette april ariel ariana arianna armando arnold asha ashley
ashton audrey august augusta austin ava ayden barry bella bernadette bernardo bianca blake brandon brandi brandy brenda brendan
brenden brent bret brett brian briana brianna bruce bryan bryant bryce caleb camila camille carl carla carlo carlos carlton
carly carmelo carmen carolina carolyn carter casey cassandra cecil cecilia cesar chad chandra chantal charlene chase chelsea
cheryl chloe claire clara clarence clark claude claudia claudio clayton clinton cody colin colleen connor conner consuelo
corey cory courtney craig cristian cristina crystal curtis daisy dale dallas dalton damian damien damon dana daniela danilo
daphne darius darlene darrell darren daryl dean deandre deanna delia delores demetrius denise derek derrick desiree destiny
devin devon diana diane diego dillon dina dolores domingo dominique donna doris dorian duane dustin dwayne dylan earl edgar
edith eduardo eduarda edna eileen elaine elena eli elias elijah elisa elise ella ellen elliot elliott elmer eloise elsa elvira
emanuel emilia emilio emma enrique enriqueta eric erica erik erika erin ernest ernesto ernestina esteban estela esther ethan
eva evan evelyn fabian fatima faith felicia felicity felipe felix fernanda fernando florence floyd francesca francisca franco
gabriela gabrielle gail garrett gary gavin genesis geoffrey george georgia georgina gerard gilbert gilberto gina giovanni
giovanna gladys glen glenn gloria gordon grace graciela graham grant greta guillermo gustavo hailey hannah harriet harvey hassan
hassana hazel heather hector heidi helen helena henrietta herman hilda hope hugh hugo humberto ian ibrahim ida ines irene iris
irma irving ivan ivana jackson jada jade jaime jamal jamila jane janice jared jasmin jasmine jason javier jay jean jeanette
jeanne jerome jesse jill jimena joanna joanne jocelyn jodi joel johanna jordan jorge josefa josefina josue joy joyce juan juana
juanita judah julian juliana julianna juliet julieta juliette julio julius june justin justina justine kai karen kara karim karima
karina karl karla kathryn kayla keith kelly kelvin kendra kent kerry kevin kyla kyle kylie lamar lance laura lauren laurence layla
leah lee leila lena leon leona leroy leslie lester leticia lewis lila lina linda lindsay lindsey lloyd logan lois lola
lora loren lorena lorenzo loretta lori lorraine louisa louise lucas lucia luciana luciano lucinda luis luisa luke luna lydia lyle
lynn mable mackenzie malcolm malik mara marc marcel marcela marcelo marcia marco marcos marcus margarita mariah mariam marian
mariana marianne mariano maribel marie marilyn marina mario marion marisol marissa marjorie mark marlene marlon marsha marshall
martha martin martina marvin mason mateo matias maureen maurice mauricio maxine maya melanie melinda melody melvin mercedes
meredith micah michaela micheal michele michelle mikayla mila milagros mildred miles milton mina minerva miranda miriam moises
molly mona monica morgan moses muriel myra myron nadia nadine naomi natalia natasha neil nelson nestor nia nina noah noel noelle
nolan norma norman octavia octavio olga omar ora orlando oscar otis otto owen pablo paige paola paolo patsy paula pauline paulina
pearl pedro penelope perla perry phyllis piper preston quentin quinn quincy rafael rafaela ralph ramon ramona randall randy raquel
raul regina rene renee reuben rhonda ricardo ricarda rocio roderick rodolfo rodrigo rogelio roland rolanda roman rosa rosalie
rosario rose roxanne roy ruben ruby rudolph rudy rufus russel ruth ryan rylan sabina sabrina salma salvador salvatore samira
samir sandro santiago santos sara saul savannah scott sean selena serena sergio seth shane shannon sharon shaun shauna shawn shawna
sheila shelby sheldon shelly sherman sherri sherry shirley silvia simon simona simone sofia sonia sonya sophia sophie spencer
stacey stacy stefan stefanie stella stewart stuart sylvia tania tanya tara tasha taylor teodoro terrance terrence terri tiana
tiffany todd tomas tracy travis trevor trent trenton tristan troy tyler tyra tyrone tyson ulises ursula valentin valentina vera
vernon vicente victoriano vilma viola violet vivian viviana wade wanda warren wayne wendell wendy wesley whitney wilbur willa
willard willow wilma wyatt xavier xiomara yahir yasmin yasmine yesenia yusuf yvette yvonne zainab zoe zoey
"""


def _groups() -> dict[str, frozenset[int]]:
    groups: defaultdict[str, set[int]] = defaultdict(set)
    for number, line in enumerate(FORMS.split("\n")):
        for form in line.split():
            groups[form].add(number)
    return {form: frozenset(numbers) for form, numbers in groups.items()}


NICKNAME_GROUPS = _groups()
KNOWN = frozenset(NICKNAME_GROUPS) | frozenset(OTHERS.split())
