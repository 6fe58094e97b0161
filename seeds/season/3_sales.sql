-- The demo season, part 3: who booked what, over the last months.
--
-- History cannot be made with book_tickets, which books now; so bookings are planned first,
-- then written in the order in which they were made. The triggers count them like any others.

-- What the demo customers did, and what came of it: so that each has upcoming, past and
-- cancelled bookings.
CREATE TEMPORARY TABLE season_plan ON COMMIT DROP AS
SELECT
    season_event.id AS event_id,
    season_user.id AS user_id,
    NULL::bigint AS customer_no,
    by_hand.quantity,
    season_event.created_at + (least(now(), date_time) - season_event.created_at) * by_hand.sold_at AS booking_date,
    by_hand.box_office,
    by_hand.cancelled,
    by_hand.used
FROM (
    VALUES
        -- sold_at: 0 is when the event was announced, 1 is now or when it starts.
        (1, 'jazz', 2, 0.62, false, false, 0),
        (1, 'comedy', 2, 0.05, false, false, 0),
        (1, 'mahler', 2, 0.48, false, false, 0),
        (1, 'stadium', 4, 0.02, false, false, 0),
        (1, 'slam', 2, 0.35, false, true, 0),
        (1, 'fado', 2, 0.30, false, false, 0),
        (1, 'film', 1, 0.55, false, false, 1),
        (1, 'opera', 2, 0.21, false, false, 2),
        (2, 'matinee', 5, 0.44, false, false, 0),
        (2, 'derby', 4, 0.70, false, false, 0),
        (2, 'festival', 2, 0.12, false, false, 0),
        (2, 'twelfth-night', 2, 0.51, true, false, 0),
        (2, 'shorts', 2, 0.40, false, true, 0),
        (2, 'talk', 2, 0.66, false, false, 1),
        (2, 'opera', 4, 0.58, true, false, 4),
        (3, 'reading', 2, 0.15, false, false, 0),
        (3, 'twelfth-night', 3, 0.33, false, false, 0),
        (3, 'piano', 1, 0.27, false, false, 0),
        (3, 'fado', 2, 0.52, false, false, 0),
        (3, 'letterpress', 1, 0.22, false, true, 0),
        (3, 'talk', 1, 0.31, false, false, 1),
        (4, 'piano', 2, 0.09, false, false, 0),
        (4, 'brass', 1, 0.45, false, false, 0),
        (4, 'planetarium', 3, 0.80, false, false, 0),
        (4, 'festival', 4, 0.18, false, false, 0),
        (4, 'verdi', 2, 0.38, false, false, 0),
        (4, 'film', 2, 0.72, true, false, 2),
        (4, 'opera', 2, 0.77, false, false, 0)
) AS by_hand (customer, event, quantity, sold_at, box_office, cancelled, used)
JOIN season_user ON season_user.no = by_hand.customer AND season_user.role = 'customer'
JOIN season_event ON season_event.key = by_hand.event;

-- Everybody else, until each event has sold what it should have: first the confirmed bookings,
-- the last of them cut to fit, then one cancelled for every twenty.
WITH demand AS (
    SELECT
        id AS event_id,
        created_at,
        least(now(), date_time) AS sold_until,
        max_tickets,
        date_time <= now() AS is_over,
        sold - (SELECT coalesce(sum(quantity), 0) FROM season_plan WHERE event_id = season_event.id AND NOT cancelled)
            AS wanted
    FROM season_event
),
drawn AS (
    SELECT demand.*, no, least(max_tickets, (ARRAY[1, 1, 2, 2, 2, 2, 2, 3, 4, 5])[1 + floor(random() * 10)::integer]) AS quantity
    FROM demand
    CROSS JOIN LATERAL generate_series(1, wanted) AS no
),
counted AS (
    SELECT *, sum(quantity) OVER (PARTITION BY event_id ORDER BY no) AS sold
    FROM drawn
),
booked AS (
    SELECT event_id, created_at, sold_until, is_over, no, quantity - greatest(sold - wanted, 0) AS quantity, false AS cancelled
    FROM counted
    WHERE sold - quantity < wanted
    UNION ALL
    SELECT event_id, created_at, sold_until, is_over, 1000 + no, quantity, true
    FROM counted
    WHERE sold - quantity < wanted
        AND no % 20 = 7
),
-- A rush when it is announced, a steady trickle, and more towards the end.
moment AS (
    SELECT
        booked.*,
        created_at + (sold_until - created_at) * CASE
            WHEN mood < 0.30 THEN 0.12 * luck
            WHEN mood < 0.80 THEN luck
            ELSE 1 - 0.08 * luck * luck
        END AS drawn_at
    FROM (SELECT booked.*, random() AS mood, random() AS luck FROM booked) AS booked
),
-- People sleep: the hour is drawn again, where that stays within the sale.
waking AS (
    SELECT moment.*, date_trunc('day', drawn_at, 'Europe/Berlin') + interval '1 hour' * (7.5 + 8 * (random() + random())) AS drawn_again
    FROM moment
)
INSERT INTO season_plan (event_id, customer_no, quantity, booking_date, box_office, cancelled, used)
SELECT
    event_id,
    customer_no,
    quantity,
    CASE WHEN drawn_again BETWEEN created_at AND sold_until THEN drawn_again ELSE drawn_at END,
    -- Every fourth customer is known at the box office only.
    customer_no % 4 = 0,
    cancelled,
    CASE
        WHEN cancelled OR NOT is_over OR random() < 0.07 THEN 0
        WHEN random() < 0.06 THEN quantity - 1
        ELSE quantity
    END
FROM waking
-- Different customers within an event, some of them in many events.
CROSS JOIN LATERAL (SELECT (no * 7 + event_id * 211) % 1409 AS customer_no) AS chosen;

-- 41 and 47 have no common factor: the first 1927 pairs of names are all different.
CREATE TEMPORARY TABLE season_customer ON COMMIT DROP AS
SELECT
    nextval(pg_get_serial_sequence('users', 'id')) AS id,
    customer_no,
    (ARRAY[
        'Amélie', 'Anton', 'Aylin', 'Bartosz', 'Beatriz', 'Björn', 'Carla', 'Cem', 'Chloë', 'Daniel', 'Darya',
        'Elif', 'Emil', 'Eva', 'Felix', 'Françoise', 'Greta', 'Hannes', 'Henrike', 'Ida', 'İlker', 'Jonas',
        'Joséphine', 'Karl', 'Lena', 'Luís', 'Magdalena', 'Malte', 'Maren', 'Nils', 'Noor', 'Oluwaseun', 'Paula',
        'Philipp', 'Rafał', 'Renée', 'Sophie', 'Till', 'Uta', 'Vincent', 'Zuzana'
    ])[1 + customer_no % 41] || ' ' || (ARRAY[
        'Abel', 'Adeyemi', 'Albrecht', 'Becker', 'Böhm', 'Brandt', 'Castro', 'Çelik', 'Clausen', 'Dąbrowski',
        'Demir', 'Dietrich', 'Eberhardt', 'Ferreira', 'Fischer', 'Friis', 'Großmann', 'Güneş', 'Haddad', 'Hansen',
        'Hoffmann', 'Ivanova', 'Jansen', 'Kaya', 'Köhler', 'Kowalski', 'Lange', 'Lindström', 'Lorenz', 'Marek',
        'Müller', 'Nguyen', 'Novák', 'Okafor', 'Petersen', 'Quandt', 'Richter', 'Rosário', 'Schäfer', 'Schröder',
        'Silva', 'Sørensen', 'Thomsen', 'Ulrich', 'Vogel', 'Wagner', 'Zimmermann'
    ])[1 + customer_no % 47] AS name,
    -- Berlin's and Hamburg's numbers for fiction.
    CASE WHEN customer_no < 1000 THEN '+493023125' ELSE '+494066969' END || to_char(customer_no % 1000, 'FM000') AS phone,
    customer_no % 4 = 0 AS box_office,
    first_booking - interval '4 minutes' AS created_at
FROM (
    SELECT customer_no, min(booking_date) AS first_booking
    FROM season_plan
    WHERE customer_no IS NOT NULL
    GROUP BY customer_no
    ORDER BY first_booking
) AS customer;

INSERT INTO users (id, name, phone, password_hash, created_at, phone_verified_at)
OVERRIDING SYSTEM VALUE
SELECT
    id,
    name,
    phone,
    -- Nobody can sign in as them: those of the box office have no password, the others one
    -- that nobody knows.
    CASE WHEN NOT box_office THEN current_setting('season.unknown_password_hash') END,
    created_at,
    -- What somebody said at the box office was not checked.
    CASE WHEN NOT box_office THEN created_at END
FROM season_customer
ORDER BY id;

CREATE TEMPORARY TABLE season_booking ON COMMIT DROP AS
SELECT nextval(pg_get_serial_sequence('bookings', 'id')) AS id, planned.*
FROM (
    SELECT
        season_plan.event_id,
        coalesce(season_plan.user_id, season_customer.id) AS user_id,
        season_plan.quantity,
        season_plan.booking_date,
        season_plan.box_office,
        season_plan.used,
        CASE WHEN season_plan.cancelled THEN
            booking_date + (least(now(), date_time) - booking_date) * (0.1 + 0.7 * random())
        END AS cancelled_at
    FROM season_plan
    JOIN season_event ON season_event.id = season_plan.event_id
    LEFT JOIN season_customer USING (customer_no)
    ORDER BY booking_date
) AS planned;

INSERT INTO bookings (
    id, user_id, event_id, quantity, unit_price, total_amount, booking_date, status, booked_by, cancelled_at
)
OVERRIDING SYSTEM VALUE
SELECT
    season_booking.id,
    season_booking.user_id,
    event_id,
    quantity,
    price,
    price * quantity,
    booking_date,
    CASE WHEN cancelled_at IS NULL THEN 'confirmed'::booking_status ELSE 'cancelled' END,
    CASE WHEN box_office THEN seller.id ELSE season_booking.user_id END,
    cancelled_at
FROM season_booking
JOIN season_event ON season_event.id = event_id
-- The second admin keeps the box office.
JOIN season_user AS seller ON seller.role = 'admin' AND seller.no = 2
ORDER BY season_booking.id;

-- The doors open 45 minutes before the start; a few people are late.
UPDATE tickets
SET status = 'used',
    used_at = guest.date_time + interval '1 minute' * (guest.arrival + 0.1 * guest.no)
FROM (
    SELECT
        tickets.id,
        season_booking.used,
        season_booking.arrival,
        season_event.date_time,
        row_number() OVER (PARTITION BY tickets.booking_id ORDER BY tickets.id) AS no
    FROM (SELECT season_booking.*, 8 - 53 * random() AS arrival FROM season_booking) AS season_booking
    JOIN season_event ON season_event.id = season_booking.event_id
    JOIN tickets ON tickets.booking_id = season_booking.id
    WHERE season_booking.cancelled_at IS NULL
) AS guest
WHERE tickets.id = guest.id
    AND guest.no <= guest.used;

-- The history of the counters was written just now, by the import. Replace it by one of the months
-- in which these bookings were made.
DELETE FROM event_figures WHERE event_id IN (SELECT id FROM season_event);
INSERT INTO event_figures
SELECT * FROM event_figures_by_ledger WHERE event_id IN (SELECT id FROM season_event);
UPDATE events
SET counted_at = (SELECT max(at) FROM event_figures WHERE event_id = events.id)
WHERE id IN (SELECT id FROM season_event);
SELECT end_repair();
