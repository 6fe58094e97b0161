-- The demo season, part 2: what is on.

CREATE TEMPORARY TABLE season_event ON COMMIT DROP AS
SELECT nextval(pg_get_serial_sequence('events', 'id')) AS id, scheduled.*
FROM (
    SELECT
        planned.*,
        start.date_time,
        timezone(planned.time_zone, timezone(planned.time_zone, now())::date - planned.announced + time '10:00') AS created_at
    FROM (
        VALUES
            -- from_day and weekday: the first such weekday (1 is Monday, NULL any day) from so
            -- many days ahead. announced: days ago. sold: tickets at the end of part 3.
            (
                'jazz', 'Late Set: Marlene Brückner Quartett', 'Zinkkeller, Hamburg', 'Europe/Berlin',
                0, NULL, time '20:30', 90, 18.00, 6, 34, 71, 'active',
                'Marlene Brückner writes tunes that sound like streets at two in the morning. With her: Piet Lindqvist on piano, Ayşe Kaya on bass and Theo Grün on drums. Two sets, one break, and the bar stays open between them.'
            ),
            (
                'open-mic', 'Open Mic at the Kesselhaus', 'Kesselhaus, Hamburg', 'Europe/Berlin',
                1, NULL, time '19:30', 60, 0.00, 4, 20, 27, 'active',
                'Five minutes, one microphone, no judges. Singers, storytellers and first-timers put their name on the board from seven. Admission is free, but every chair needs a ticket.'
            ),
            (
                'comedy', 'Saturday Mixed Bill', 'The Cellar at No. 9, Hamburg', 'Europe/Berlin',
                0, 6, time '21:00', 120, 22.00, 6, 48, 120, 'active',
                'Four comedians, one host and a very low ceiling. Nadia Okonkwo tries out her new hour, Fritz Petersen brings the ukulele he promised to leave at home. In English, mostly. No late admission: the only way to your seat is across the stage.'
            ),
            (
                'matinee', 'Peter and the Wolf: Family Matinée', 'Muschelsaal, Hamburg', 'Europe/Berlin',
                0, 7, time '11:00', 320, 8.00, 6, 62, 241, 'active',
                'The cat is a clarinet, the duck an oboe, and the wolf needs three horns. The young players of the Elbe Youth Orchestra play Prokofiev’s tale for everyone from four years up. Afterwards the instruments may be tried. About fifty minutes, without a break.'
            ),
            (
                'planetarium', 'What the Telescopes Saw', 'Planetarium am Wasserturm, Hamburg', 'Europe/Berlin',
                6, NULL, time '19:00', 250, 0.00, 4, 25, 133, 'active',
                'Dr. Ilse Vanderbeke shows the pictures of the year on the dome and says what is really in them. No equations, many questions. Free of charge, thanks to the friends of the planetarium.'
            ),
            (
                'slam', 'Slam im Speicher', 'Speicher 7, Hamburg', 'Europe/Berlin',
                8, 4, time '20:00', 200, 9.50, 8, 40, 118, 'active',
                'Eight poets, six minutes each, and you hold up the numbers. The winner of the night goes to the finals in autumn. In German, with one guest in English.'
            ),
            (
                'derby', 'The Derby on the Big Screen', 'Fischmarkt, Hamburg', 'Europe/Berlin',
                9, 6, time '15:30', 2500, 0.00, 10, 15, 612, 'active',
                'Ninety minutes, one hundred and twenty square metres of screen, and the whole fish market to shout in. Gates open at one. Flags are welcome, glass bottles are not. A ticket keeps your place inside the fence.'
            ),
            (
                'reading', 'Inês Carvalho reads from “Salt Hours”', 'Livraria do Largo, Lisboa', 'Europe/Lisbon',
                11, NULL, time '18:30', 45, 6.00, 4, 33, 42, 'active',
                'A lighthouse, two sisters and a summer in which nothing is said aloud. Inês Carvalho reads from her new novel and talks with the translator João Pessoa Dias. The first glass of vinho verde is included.'
            ),
            (
                'fado', 'Fado under the Plane Trees', 'Jardim da Estrela, Lisboa', 'Europe/Lisbon',
                13, 5, time '21:00', 400, 24.00, 8, 55, 164, 'active',
                'Raquel Antão sings where the city is quietest, with two guitars and no microphone. Bring a cushion and something warm. If it rains, we move to the bandstand.'
            ),
            (
                'shorts', 'Short Film Night: Nouvelles Vagues', 'Lichtspiele am Kanal, Hamburg', 'Europe/Berlin',
                16, NULL, time '20:15', 150, 10.00, 8, 30, 64, 'active',
                'Seven first films from five countries, none longer than fifteen minutes. Three of the directors are here and have been promised hard questions. Original versions with English subtitles.'
            ),
            (
                'letterpress', 'Letterpress for Beginners', 'Druckwerkstatt Rosenhof, Hamburg', 'Europe/Berlin',
                20, 6, time '10:00', 8, 55.00, 2, 28, 4, 'active',
                'Set your name in lead, ink it, pull the lever. Eight people, four presses and the patient Herr Möbius. Paper, ink and lunch are included; wear nothing you love.'
            ),
            (
                'twelfth-night', 'Twelfth Night', 'Bargehouse Theatre, London', 'Europe/London',
                27, NULL, time '19:30', 260, 28.00, 8, 70, 149, 'active',
                'The Lantern Players wreck their ship in a seaside ballroom, some time after the last dance. Siân Prosser is Viola; Malvolio’s stockings are exactly as yellow as you fear. Two hours and twenty minutes with one interval.'
            ),
            (
                'lied', 'Dichterliebe and Other Weather', 'Kleiner Saal im Fährhaus, Hamburg', 'Europe/Berlin',
                33, 3, time '19:30', 180, 26.00, 8, 60, 87, 'active',
                'Schumann’s sixteen songs, and between them the ones he might have heard from the river. Baritone Léon Maréchal and pianist Hanako Ueda have sung this programme on trains, in hospitals and once in a lock. Now in a hall.'
            ),
            (
                'dance', 'Grenzland: A Dance Evening', 'Kranhalle K3, Hamburg', 'Europe/Berlin',
                45, NULL, time '20:00', 420, 31.50, 8, 66, 158, 'active',
                'Six dancers, one line on the floor. Zoë Achterberg’s new piece asks what happens to a border when nobody is looking. Music by Søren Dahl, played live. Please note: strobe light in the second part.'
            ),
            (
                'verdi', 'Wine & Verdi: A Dinner in Four Acts', 'Villa Auguste, Hamburg', 'Europe/Berlin',
                58, 5, time '18:30', 40, 185.00, 6, 21, 18, 'active',
                'Four courses, four singers, one long table. Between the antipasti and the zabaione, everybody dies at least once. Menus without meat on request; wine is included and so is water.'
            ),
            (
                'brass', 'Brass & Brownstone: The Ridgewood Nine', 'Juniper Hall, Brooklyn', 'America/New_York',
                72, 6, time '20:00', 350, 34.00, 8, 50, 121, 'active',
                'Nine horns, no amplifiers. The Ridgewood Nine come off the street for one night and bring the street along. Standing downstairs, seats in the gallery.'
            ),
            (
                'piano', 'Kōhei Arakawa: Piano at Dusk', 'Sumida Sound Loft, Tōkyō', 'Asia/Tokyo',
                90, NULL, time '18:00', 180, 42.00, 4, 45, 96, 'active',
                'The windows face west, the lamps stay off, and the programme ends when it is dark. Satie, Takemitsu and improvisations on what can be heard from the river. Doors close at six sharp.'
            ),
            (
                'festival', 'Hafenklang Open Air', 'Elbwiesen, Hamburg', 'Europe/Berlin',
                140, 6, time '13:00', 40000, 79.50, 10, 120, 1084, 'active',
                'Three stages, thirty-one bands and one sunset over the harbour cranes. With Nordlicht, The Paper Captains, Célia Dragão, Kıvılcım and many more. One ticket is for the whole day. Children under ten come in free on somebody’s shoulders.'
            ),
            (
                'stadium', 'Nordlicht: The Stadium Night', 'Hafenstadion, Hamburg', 'Europe/Berlin',
                225, 6, time '19:00', 57000, 94.90, 6, 100, 1352, 'active',
                'Ten years after the first song in a rented garage, Nordlicht play the largest house in town. The whole first album, in order, and then everything else. Support: Maja Öström.'
            ),
            (
                'batucada', 'Batucada! with Sídney Prado', 'Halle 12, Hamburg', 'Europe/Berlin',
                110, 5, time '21:00', 600, 27.00, 8, 1, 0, 'active',
                'Forty drummers walk in through the audience and do not stop until you dance. Sídney Prado leads his bloco from Salvador da Bahia. Just announced.'
            ),
            (
                'mahler', 'Mahler: Symphony No. 2, “Resurrection”', 'Elbhalle, Hamburg', 'Europe/Berlin',
                386, 7, time '18:00', 2100, 64.00, 8, 90, 344, 'active',
                'Two soloists, two hundred voices and an orchestra that needs a room next door for the brass. Chief conductor Agnieszka Wójcik ends her first full season with the piece that made her a musician. Eighty-five minutes, no interval; latecomers hear it from the foyer.'
            ),
            (
                'film', 'Metropolis, with Live Organ', 'Lichtspiele am Kanal, Hamburg', 'Europe/Berlin',
                -1, NULL, time '20:00', 150, 14.00, 8, 37, 108, 'active',
                'Fritz Lang’s city of the future in its longest surviving version. At the 1929 cinema organ: Bénédicte Faure, who has never played it the same way twice. Two and a half hours with one interval.'
            ),
            (
                'talk', 'Why Cities Forget: Ifeoma Okafor in Conversation', 'Bargehouse Theatre, London', 'Europe/London',
                -12, NULL, time '18:30', 140, 12.00, 6, 60, 97, 'completed',
                'The historian Ifeoma Okafor has walked every demolished street of Deptford. She talks with the architect Rhys Llewellyn about what a city owes to what it tears down. Books are for sale and will be signed.'
            ),
            (
                'opera', 'Così fan tutte', 'Stadttheater, Hamburg', 'Europe/Berlin',
                -27, 6, time '19:00', 480, 39.00, 8, 160, 431, 'completed',
                'Two couples, one bet and the most beautiful lies ever set to music. Renate Kühnert moves Mozart’s comedy into a seaside hotel at the end of the season, where nobody has anywhere else to be. In Italian with surtitles in German and English.'
            )
    ) AS planned (
        key, title, venue, time_zone,
        from_day, weekday, starts, capacity, price, max_tickets, announced, sold, status, description
    )
    CROSS JOIN LATERAL (
        SELECT min(timezone(planned.time_zone, day + planned.starts)) AS date_time
        FROM (
            SELECT timezone(planned.time_zone, now())::date + planned.from_day + ahead AS day
            FROM generate_series(0, 14) AS ahead
        ) AS calendar
        WHERE (planned.weekday IS NULL OR extract(isodow FROM day) = planned.weekday)
            -- An event that would start within the hour, or has started today, is on the next day.
            AND (planned.from_day < 0 OR timezone(planned.time_zone, day + planned.starts) > now() + interval '1 hour')
    ) AS start
    ORDER BY created_at
) AS scheduled;

CREATE TEMPORARY TABLE season_fact ON COMMIT DROP AS
SELECT facts.*
FROM (
    VALUES
        (
            'jazz', 'Pay at the door, in cash or by card.',
            '20:00', '23:15', 'Kleine Freiheit 12, Hamburg', NULL,
            'Twelve steps down, and no lift.',
            'Zinkkeller, bar@zinkkeller.example'
        ),
        (
            'open-mic', NULL,
            '19:00', '22:30', 'Am Kesselhaus 3, Hamburg', NULL,
            'Step-free from the yard.',
            NULL
        ),
        (
            'comedy', 'Pay at the bar from 20:00, in cash only.',
            '20:00', '23:00', NULL, 16,
            NULL,
            'Nadia Okonkwo, +49 40 5550132'
        ),
        (
            'matinee', 'Pay at the door, in cash or by card.',
            '10:30', '11:50', 'Muschelstraße 1, Hamburg', NULL,
            'Six places for wheelchairs; please call before you come.',
            'Elbe Youth Orchestra, +49 40 5550117'
        ),
        (
            'derby', NULL,
            '13:00', NULL, 'Fischmarkt 1, Hamburg', NULL,
            NULL,
            NULL
        ),
        (
            'letterpress', 'Pay by bank transfer within a week; the workshop sends you the account.',
            NULL, '16:00', 'Rosenhof 4, Hamburg', 14,
            'Step-free, but the presses are worked standing.',
            'Herr Möbius, werkstatt@rosenhof.example'
        ),
        (
            'dance', 'Pay at the door, in cash or by card.',
            '19:15', NULL, 'Kranhalle K3, Hamburg', NULL,
            'Strobe light in the second part. Step-free.',
            NULL
        ),
        (
            'verdi', 'Pay half by bank transfer within a week and the rest on the evening.',
            '18:00', '22:30', 'Elbchaussee 88, Hamburg', 18,
            NULL,
            'Villa Auguste, +49 40 5550148'
        ),
        (
            'twelfth-night', NULL,
            '19:00', '21:50', '7 Bargehouse Street, London', NULL,
            'A hearing loop, and a lift to the circle.',
            'The Lantern Players, hello@lantern.example'
        ),
        (
            'festival', NULL,
            '11:00', '23:00', 'Uferweg 30, Hamburg', NULL,
            NULL,
            NULL
        )
) AS facts (
    key, payment_note, doors_open, end_time, address, minimum_age, access_note, organiser_contact
);

CREATE TEMPORARY TABLE season_category ON COMMIT DROP AS
SELECT categories.*
FROM (
    VALUES
        ('jazz', 'Concert'),
        ('lied', 'Concert'),
        ('brass', 'Concert'),
        ('piano', 'Concert'),
        ('festival', 'Concert'),
        ('stadium', 'Concert'),
        ('batucada', 'Concert'),
        ('mahler', 'Concert'),
        ('fado', 'Concert'),
        ('comedy', 'Comedy'),
        ('matinee', 'Family'),
        ('planetarium', 'Talk'),
        ('talk', 'Talk'),
        ('slam', 'Literature'),
        ('reading', 'Literature'),
        ('shorts', 'Film'),
        ('film', 'Film'),
        ('twelfth-night', 'Theatre'),
        ('dance', 'Theatre'),
        ('opera', 'Opera'),
        ('verdi', 'Opera'),
        ('letterpress', 'Workshop')
) AS categories (key, category);

-- One goes on sale on the Friday after tomorrow, with a limit for each customer. One must know a week
-- before how many come.
CREATE TEMPORARY TABLE season_sale ON COMMIT DROP AS
SELECT
    season_event.key,
    CASE key WHEN 'batucada' THEN timezone(time_zone, friday + time '10:00') END AS sale_starts_at,
    CASE key WHEN 'verdi' THEN date_time - interval '7 days' END AS sale_ends_at,
    CASE key WHEN 'batucada' THEN 6 END AS max_tickets_per_customer
FROM season_event
CROSS JOIN LATERAL (
    SELECT min(day) AS friday
    FROM generate_series(2, 8) AS ahead
    CROSS JOIN LATERAL (SELECT timezone(time_zone, now())::date + ahead AS day) AS calendar
    WHERE extract(isodow FROM day) = 5
) AS next
WHERE key IN ('batucada', 'verdi');

-- Times in the past and events that are over: that is an import, and is announced as one.
SELECT begin_repair('the demo season');
SELECT act_as(id) FROM season_user WHERE role = 'admin' AND no = 1;

INSERT INTO events (
    id, title, description, venue, date_time, time_zone, capacity, price, max_tickets_per_booking,
    status, version, created_at, updated_at, payment_note, doors_open, end_time, address,
    minimum_age, access_note, organiser_contact, poster_seed, category, sale_starts_at, sale_ends_at,
    max_tickets_per_customer
)
OVERRIDING SYSTEM VALUE
SELECT
    id, title, description, venue, date_time, time_zone, capacity, price, max_tickets,
    status::event_status,
    CASE status WHEN 'completed' THEN 2 ELSE 1 END,
    created_at,
    CASE status WHEN 'completed' THEN date_time + interval '14 hours 25 minutes' ELSE created_at END,
    payment_note,
    doors_open::time,
    end_time::time,
    address,
    minimum_age,
    access_note,
    organiser_contact,
    -- Every demo shows the same posters.
    ('x' || left(md5(key), 8))::bit(32)::integer,
    category,
    sale_starts_at,
    sale_ends_at,
    max_tickets_per_customer
FROM season_event
LEFT JOIN season_fact USING (key)
LEFT JOIN season_category USING (key)
LEFT JOIN season_sale USING (key)
ORDER BY id;

-- A completed event has been active before.
INSERT INTO event_versions (event_id, version, at, actor_id, login, fields)
SELECT
    events.id, 1, events.created_at, acting_user_id(), session_user,
    editable_fields(events) || '{"status": "active"}'
FROM season_event
JOIN events ON events.id = season_event.id
WHERE events.version = 2;

-- One that is not published yet.
SELECT create_event(
    jsonb_build_object(
        'title', 'Strings and Sparkles',
        'venue', 'Elbhalle, Hamburg',
        'date_time', timezone('Europe/Berlin', timezone('Europe/Berlin', now())::date + 200 + time '17:00'),
        'time_zone', 'Europe/Berlin',
        'capacity', 2100,
        'price', 38,
        'description', 'Waltzes, polkas and one surprise.',
        'category', 'Concert',
        'poster_seed', 7,
        'status', 'draft'
    ),
    (SELECT id FROM season_user WHERE role = 'admin' AND no = 1)
);
SELECT act_as(NULL);
